"""Addresses in commands: which are called, by what they are known, and which are the pod's own."""

from typing import Any

import pytest

from tests.injection.early.test_calls import calls, shell

DIGITS = "9" * 5000
"""A number that Python refuses to read."""


def told(container: dict[str, Any]) -> tuple[str, list[str], bool]:
    """What shows that a container calls, whom, and whether it only connects; nothing where nothing shows it."""
    found = calls(container)
    return (found[0].says, [str(host) for host in found[0].hosts], found[0].only_connects) if found else ("", [], False)


@pytest.mark.parametrize(
    ("script", "says", "hosts", "only_connects"),
    [
        ("curl http://config/?to=db.shop:5432", "it runs curl", ["config:80"], False),
        ("curl http://config http://localhost", "it runs curl", ["config:80"], False),
        ("curl file://config/x", "it runs curl", [], False),
        ("curl -z old http://config", "it runs curl", ["config:80"], False),
        ("wait-for-it db:1000", "it runs wait-for-it", ["db:1000"], True),
        ("prepare db:1000", "", [], False),
        ("prepare registry.example/tools:8080", "", [], False),
        ("prepare broker.shop:9092 db.shop:5432", "it names broker.shop:9092", ["broker.shop:9092", "db.shop:5432"], False),
        ("prepare s3://user:word@models/flowers", "it names s3://models", [], False),
        ("nc -z db 5432; curl http://config", "it runs nc", ["db:5432", "config:80"], False),
        ("nc -z db 5432; nc -z cache 6379", "it runs nc", ["db:5432", "cache:6379"], True),
        ("nc db ٥٤٣٢", "it runs nc", [], False),
        ("nc db 000080", "it runs nc", [], False),
        (f"nc db {DIGITS}", "it runs nc", [], False),
        ("echo > /dev/tcp/db/5432", "it opens db:5432", ["db:5432"], True),
        ("echo > /dev/tcp/db/port", "", [], False),
        ("echo > /dev/tcp/$HOST/5432", "", [], False),
        ("echo > /dev/tcp/localhost/5432", "", [], False),
        ("'' cp http://config /f", "", [], False),
    ],
)
def test_an_address_is_known_by_how_it_is_written(script: str, says: str, hosts: list[str], only_connects: bool) -> None:
    """A URL goes before a pair, a port is a number of at most five digits, and files and buckets are no hosts."""
    assert told(shell(script)) == (says, hosts, only_connects)


@pytest.mark.parametrize(
    "words",
    [
        "psql -h localhost",
        "psql --host=localhost",
        "psql --host=127.0.0.1 --port=5432",
        "psql postgres://app:word@localhost/app",
        "curl localhost",
        "curl localhost:15021/healthz/ready",
        "curl 127.0.0.1:8080",
        "curl 0.0.0.0/ready",
        "curl http://localhost:15021",
        "nc -z localhost 5432",
    ],
)
def test_a_client_of_the_pod_itself_does_not_call(words: str) -> None:
    """However the pod's own address is written: with a port, a path or a user, as a word or as an option's value."""
    assert calls(shell(words)) == ()
    assert len(calls(shell(words.replace("localhost", "db").replace("127.0.0.1", "10.0.0.1").replace("0.0.0.0", "web.shop")))) == 1


@pytest.mark.parametrize(
    ("container", "says", "hosts"),
    [
        (shell("./manage.py migrate", DB="db.shop:5432"), "it runs migrate", ["db.shop:5432"]),
        (shell("./manage.py migrate", DB="postgres://db.shop/app"), "it runs migrate", ["db.shop:5432"]),
        ({"command": ["./a", "migrate-" + "x" * 32]}, "it runs migrate-" + "x" * 32, []),
        ({"command": ["./a", "migrate-" + "x" * 33]}, "it runs a migration", []),
        ({"command": ["./a", "import x\nx.migrate()"]}, "it runs a migration", []),
        ({"command": ["sh", "/run.c", "curl http://config"]}, "", []),
        ({"command": ["curl", "http://$X"], "env": [{"name": "", "value": "web"}]}, "it runs curl", []),
    ],
)
def test_what_is_said_of_a_container(container: dict[str, Any], says: str, hosts: list[str]) -> None:
    """A word is told as far as it can be shown; its environment says whom it calls, and a variable without a name stands nowhere."""
    assert told(container) == (says, hosts, False)


def test_a_container_without_a_name_goes_by_its_number() -> None:
    """It is counted from one, among all init containers."""
    found = calls(shell("true"), {**shell("curl http://config"), "name": ""})

    assert [(call.container, call.index) for call in found] == [("number 2", 1)]

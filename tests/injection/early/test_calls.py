"""Which init containers need the network, as their commands show it."""

from typing import Any

import msgspec
import pytest

from kubectl_meshfix.injection.early import InitCall, init_calls
from kubectl_meshfix.resources.core import PodSpec


def calls(*containers: dict[str, Any], **spec: Any) -> tuple[InitCall, ...]:
    """What is said of init containers, each of the image of a shell unless it names another."""
    named = [{"name": "first", "image": "registry.example/tools:1", **container} for container in containers]
    return init_calls(msgspec.convert({"initContainers": named, **spec}, PodSpec))


def shell(script: str, **env: str) -> dict[str, Any]:
    """An init container that runs a script."""
    return {"command": ["sh", "-c", script], "env": [{"name": name, "value": value} for name, value in env.items()]}


@pytest.mark.parametrize(
    ("container", "hosts"),
    [
        (shell("until pg_isready -h $DB -p 5433; do sleep 1; done", DB="db.shop"), ["db.shop:5433"]),
        (shell("psql --host=db -c 'select 1'"), ["db:5432"]),
        (shell("curl -fsS -H 'Authorization: Bearer x:1' https://api.example.com/v1"), ["api.example.com:443"]),
        (shell("set -e\nwget -qO- http://config:8080/app > /etc/app"), ["config:8080"]),
        (shell("timeout 60 redis-cli -h cache ping"), ["cache:6379"]),
        (shell("timeout 60 sh -c 'until psql -h db; do sleep 1; done'"), ["db:5432"]),
        (shell("X=1 exec curl http://config"), ["config:80"]),
        (shell("kubectl wait --for=condition=ready pod/x"), []),
        (shell("apk add --no-cache jq"), []),
        ({"command": ["git", "clone", "--depth=1", "https://git.example/a.git", "/src"]}, ["git.example:443"]),
        ({"command": ["/app/manage.py", "migrate"]}, []),
        ({"command": ["/opt/app/bin/prepare", "broker.shop:9092"]}, ["broker.shop:9092"]),
        ({"image": "flyway/flyway:10", "args": ["-url=jdbc:postgresql://db:5432/shop", "migrate"]}, ["db:5432"]),
        ({"image": "registry.example/db-migrations:3"}, []),
        ({"args": ["/scripts/wait-for-deps"]}, []),
        ({"args": ["s3://models/flowers", "/mnt"]}, []),
        ({"name": "wait-for-db", "command": ["/bin/entrypoint"]}, []),
        ({"env": [{"name": "DATABASE_URL", "value": "postgres://app:secret@db.shop/app"}]}, ["db.shop:5432"]),
        (shell("nc db 5432"), ["db:5432"]),
        (shell("nc -w 1 db 65535"), ["db:65535"]),
        (shell("nc db 65536"), []),
        (shell("nc db 0"), []),
        (shell("nc db eighty"), []),
        (shell("telnet db 5432"), ["db:5432"]),
        (shell("nc 10.0.0.1 5432"), ["10.0.0.1:5432"]),
        (shell("curl db 80"), []),
        (shell("psql -h db -p 1"), ["db:1"]),
        (shell("psql -h db -P 2"), ["db:2"]),
        (shell("psql --host db --port=3"), ["db:3"]),
        (shell("psql --hostname=db --port 4"), ["db:4"]),
        (shell("psql -h"), []),
        (shell("psql -p 5"), []),
        (shell("psql -h db -p none"), ["db:5432"]),
        (shell("curl --url=http://config:1/x"), ["config:1"]),
        (shell("curl http://config.shop.:1"), ["config.shop:1"]),
        (shell("curl http://user@config?x=http://other"), ["config:80"]),
        (shell("curl -x HTTPS://config"), ["config:443"]),
        (shell("curl ://config"), []),
        (shell("env X=1 sudo timeout -k 5 10s curl http://config"), ["config:80"]),
        ({"command": ["/bin/bash", "-ec", "curl http://config"]}, ["config:80"]),
        ({"command": ["sh", "-e", "-c", "curl http://config"]}, ["config:80"]),
        (shell("cat <<< x\ncurl http://config"), ["config:80"]),
        (shell("cat <<-'END' > f\ncurl http://other\n\tEND\ncurl http://config"), ["config:80"]),
        (shell("  # curl http://other\ncurl http://config"), ["config:80"]),
        (shell("curl \\\n http://config"), ["config:80"]),
        (shell("curl http://${HOST}:1 http://$(PORT) http://$HOSTNAME", HOST="a", HOSTNAME="b", PORT="c"), ["a:1", "c:80", "b:80"]),
        (shell("curl http://$NONE/x", NONE=""), []),
        (shell("curl http://config & wget http://config"), ["config:80"]),
    ],
)
def test_clients_addresses_and_migrations_need_the_network(container: dict[str, Any], hosts: list[str]) -> None:
    """Each of these opens connections, and the hosts that its words name are known; none of them only connects."""
    (call,) = calls(container)

    assert [str(host) for host in call.hosts] == hosts
    assert not call.only_connects or "wait" in call.says
    assert "secret" not in call.says


@pytest.mark.parametrize(
    "container",
    [
        shell("until nc -z db 5432; do sleep 2; done"),
        shell("for i in $(seq 1 9); do nc -vz -w1 db 5432 && exit 0; done"),
        shell("until (echo > /dev/tcp/db/5432) 2>/dev/null; do sleep 1; done"),
        {"command": ["dockerize", "-wait", "tcp://db:5432"]},
        {"command": ["/wait-for-it.sh", "db:5432", "--", "true"]},
    ],
)
def test_some_only_open_a_connection(container: dict[str, Any]) -> None:
    """They need the network, and a server that refuses plain text accepts the connection all the same."""
    (call,) = calls(container)

    assert call.only_connects
    assert [str(host) for host in call.hosts] == ["db:5432"]


@pytest.mark.parametrize(
    "container",
    [
        shell("chown -R 1000:1000 /data && chmod 700 /data"),
        shell("chown app:1000 /data"),
        shell("sysctl -w vm.max_map_count=262144"),
        shell("until nslookup db.shop.svc.cluster.local; do echo waiting for db; sleep 2; done"),
        shell("cp /usr/bin/curl /shared\n# curl http://config\nls -l /shared"),
        shell("cat <<EOF > /etc/proxy.conf\nserver http://web:80;\nEOF\ntrue"),
        shell("curl -sf http://localhost:15000/ready || wget -q http://127.0.0.1:8080/"),
        shell("git config --global user.name x"),
        shell("which curl && command -v wget"),
        {"command": ["python", "manage.py", "migrate"], "env": [{"name": "DATABASE_URL", "value": "sqlite:////data/db"}]},
        {"command": ["/opt/app/setup", "app:1000"]},
        {"command": ["/opt/app/setup", "--issuer=https://accounts.example.com"]},
        {"command": ["cp", "a", "b"], "env": [{"name": "DATABASE_URL", "value": "postgres://db/app"}]},
        {"name": "migrate", "command": ["cp", "a", "b"]},
        {"command": ["curl", "http://config"], "restartPolicy": "Always"},
        shell("timeout 5"),
        {"command": ["sh", "/run.sh", "-c", "curl http://config"]},
        {"command": ["sh", "--norc", "x"]},
        {"command": ["sh", "-c"]},
        {"command": ["sh"]},
        {},
    ],
)
def test_nothing_shows_that_others_do(container: dict[str, Any]) -> None:
    """Files, names that are looked up, the pod itself, comments and texts are no calls; what keeps running may try again."""
    assert calls(container) == ()


def test_it_is_known_who_runs_them() -> None:
    """A container's own user and group come before the pod's."""
    own = {**shell("curl http://config"), "securityContext": {"runAsUser": 1}}
    general = {"securityContext": {"runAsUser": 2, "runAsGroup": 3}}

    first, second = calls(own, {**shell("curl http://config"), "name": "second"}, **general)

    assert (first.index, first.user, first.group) == (0, 1, 3)
    assert (second.container, second.index, second.user, second.group) == ("second", 1, 2, 3)


def test_long_words_take_no_time() -> None:
    """Hostile scripts of 100,000 characters are read once."""
    for text in ("a" * 100_000, "a://" * 25_000, "$(" * 50_000, "x=" * 50_000, "/dev/tcp/" * 10_000, "a:1 " * 25_000, "curl " * 20_000):
        calls(shell(text))

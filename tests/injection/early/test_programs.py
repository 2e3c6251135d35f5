"""Programs by their names: who calls, who does not, and which port they call where they are told none."""

import pytest

from tests.injection.early.test_calls import calls, shell

CLIENTS = (
    "curl wget nc ncat netcat telnet ssh scp sftp rsync grpcurl grpc_health_probe httpie psql pg_isready pg_dump pg_restore pg_basebackup "
    "createdb mysql mysqladmin mysqldump mariadb mongo mongosh redis-cli cqlsh kafka-topics kafkacat kcat rabbitmqadmin etcdctl consul "
    "vault kubectl oc aws gsutil gcloud rclone s3cmd s5cmd azcopy flyway liquibase dbmate"
)
WITH_A_WORD = (
    "git clone,git fetch,git pull,git ls-remote,git submodule,helm install,helm pull,helm repo,helm upgrade,apt install,apt update,"
    "apt-get install,apt-get update,apk add,apk update,yum install,dnf install,pip install,pip download,pip3 install,pip3 download,"
    "npm install,npm ci"
)
LOCAL = (
    "[ [[ awk basename break cat cd chgrp chmod chown command continue cp cut date df dig dirname done du echo envsubst esac exit "
    "export false fi find getent grep gzip head host hostname id install keytool ln ls mkdir mktemp mount mv nslookup openssl ping "
    "printf pwd read readlink return rm rmdir sed set setcap sha256sum shift sleep sort stat swapoff sysctl tail tar tee test "
    "touch tr trap true type ulimit umask uname uniq unzip update-ca-certificates wc which whoami yq jq zip"
)
IMAGES = "curl git-sync wait-for k8s-wait-for wait4x dockerize storage-initializer kubectl aws-cli rclone flyway liquibase"
WAITING = "wait-for wait_for waitfor wait4x wait-on wait-hosts dockerize"
DATABASES = "amqp amqps clickhouse mariadb mongodb mysql mysql2 nats postgres postgresql redis rediss sqlserver"
PORTS = {
    80: "curl wget",
    443: "aws gsutil gcloud kubectl",
    5432: "psql pg_isready pg_dump pg_restore createdb",
    3306: "mysql mysqladmin mysqldump mariadb",
    27017: "mongo mongosh",
    6379: "redis-cli",
    9042: "cqlsh",
    2379: "etcdctl",
    8200: "vault",
    8500: "consul",
    22: "ssh",
}
SCHEMES = {"http": 80, "https": 443, "amqp": 5672, "nats": 4222, "postgresql": 5432, "mysql2": 3306, "mongodb": 27017, "redis": 6379}


@pytest.mark.parametrize("command", [*CLIENTS.split(), *WITH_A_WORD.split(",")])
def test_a_client_calls(command: str) -> None:
    """The program alone shows it, in any folder; one of several trades by the word for that trade."""
    (call,) = calls(shell(f"/usr/bin/{command} anything"))

    assert call.says == f"it runs {command.partition(' ')[0]}"


@pytest.mark.parametrize("command", sorted({command.partition(" ")[0] for command in WITH_A_WORD.split(",")}))
def test_a_program_of_several_trades_does_not_call_by_its_name(command: str) -> None:
    """Without the word for it nothing is called."""
    assert calls(shell(f"{command} config list")) == ()


@pytest.mark.parametrize("program", LOCAL.split())
def test_a_local_program_calls_nobody(program: str) -> None:
    """Whatever its words look like; another program with the same words does call."""
    assert calls(shell(f"{program} http://web.shop:80")) == ()
    assert calls({**shell(f"{program} a"), "name": "migrate"}) == ()
    assert len(calls(shell("other http://web.shop:80"))) == 1


@pytest.mark.parametrize(("program", "port"), [(name, port) for port, names in PORTS.items() for name in names.split()])
def test_a_client_calls_its_own_port(program: str, port: int) -> None:
    """Where no port is named, the one of its servers."""
    (call,) = calls(shell(f"{program} --host db.shop"))

    assert [str(host) for host in call.hosts] == [f"db.shop:{port}"]


@pytest.mark.parametrize(("scheme", "port"), SCHEMES.items())
def test_a_url_without_port_has_that_of_its_scheme(scheme: str, port: int) -> None:
    """As clients have it."""
    (call,) = calls(shell(f"prepare {scheme}://app@db.shop/x"))

    assert [str(host) for host in call.hosts] == [f"db.shop:{port}"]


@pytest.mark.parametrize("image", IMAGES.split())
def test_an_image_of_a_client_calls(image: str) -> None:
    """Its own command, which nobody sees, is a call; another command of it need not be."""
    (call,) = calls({"image": f"registry.example:5000/tools/{image}-x:1@sha256:0"})

    assert call.says == f"its image is {image}-x"
    assert call.only_connects is image.startswith(tuple(WAITING.split()))
    assert calls({"image": image, "command": ["cp", "a", "b"]}) == ()


@pytest.mark.parametrize("word", WAITING.split())
def test_what_waits_for_a_port_only_connects(word: str) -> None:
    """By the program's name, or by the container's where the program is unknown; a page that is fetched is more than a connection."""
    by_program, by_name = calls(shell(f"{word}-it.sh db:5432"), {"name": f"{word}-db", "command": ["/entrypoint"]})
    (fetching,) = calls(shell(f"{word}-it http://web.shop/health"))

    assert [str(host) for host in by_program.hosts] == ["db:5432"]
    assert (by_program.only_connects, by_name.only_connects, fetching.only_connects) == (True, True, False)


@pytest.mark.parametrize("word", ["migrate", "migration", "migrations", "migrator", "flyway", "liquibase"])
def test_a_migration_calls_the_database(word: str) -> None:
    """By a word of the program or its arguments, of the container's name, or of the image; none of a database that is a file."""
    containers = (shell(f"./manage.py db:{word}"), {"name": f"db-{word}", "command": ["/entrypoint"]}, {"image": f"shop-{word}:1"})

    assert [len(calls(container)) for container in containers] == [1, 1, 1]
    for container in containers[:2]:
        assert calls({**container, "env": [{"name": "DB", "value": "sqlite:///data"}]}) == ()
    assert calls({"image": f"shop-{word}:1", "args": ["--db=/data/shop.sqlite"]}) == ()


@pytest.mark.parametrize("scheme", DATABASES.split())
def test_a_databases_address_in_the_environment_is_called(scheme: str) -> None:
    """Also below jdbc: and with a driver; where a command is given, it is the command that counts."""
    for spelt in (scheme, f"jdbc:{scheme}", f"{scheme}+driver"):
        variable = {"env": [{"name": "DATABASE", "value": f"{spelt}://db.shop:1/app"}]}
        (call,) = calls(variable)

        assert call.says == "its environment names db.shop:1"
        assert calls({**variable, "command": ["/entrypoint"]}) == ()
    assert calls({"env": [{"name": "PAGE", "value": "https://web.shop/"}]}) == ()


@pytest.mark.parametrize("port", [2181, 8080, 8443, 9092, 9200, 5432, 443])
def test_a_name_and_a_servers_port_are_an_address(port: int) -> None:
    """A user and a group look the same with any other number."""
    assert len(calls(shell(f"prepare db:{port}"))) == 1
    assert calls(shell("prepare db:1000")) == ()
    assert len(calls(shell("prepare db.shop:1000"))) == 1

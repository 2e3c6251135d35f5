"""Programs that call over the network, and those that do not, by their names."""

from collections.abc import Mapping

_ANY: frozenset[str] = frozenset()

CLIENTS: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(
        (
            *("curl", "wget", "nc", "ncat", "netcat", "telnet", "ssh", "scp", "sftp", "rsync", "grpcurl", "grpc_health_probe", "httpie"),
            *("psql", "pg_isready", "pg_dump", "pg_restore", "pg_basebackup", "createdb", "mysql", "mysqladmin", "mysqldump", "mariadb"),
            *("mongo", "mongosh", "redis-cli", "cqlsh", "kafka-topics", "kafkacat", "kcat", "rabbitmqadmin", "etcdctl", "consul", "vault"),
            *("kubectl", "oc", "aws", "gsutil", "gcloud", "rclone", "s3cmd", "s5cmd", "azcopy", "flyway", "liquibase", "dbmate"),
        ),
        _ANY,
    ),
    "git": frozenset({"clone", "fetch", "pull", "ls-remote", "submodule"}),
    "helm": frozenset({"install", "pull", "repo", "upgrade"}),
    "apt": frozenset({"install", "update"}),
    "apt-get": frozenset({"install", "update"}),
    "apk": frozenset({"add", "update"}),
    "yum": frozenset({"install"}),
    "dnf": frozenset({"install"}),
    "pip": frozenset({"install", "download"}),
    "pip3": frozenset({"install", "download"}),
    "npm": frozenset({"install", "ci"}),
}
"""Programs that call, each with the words of which one has to be there; none for those that always do."""

CONNECTING = frozenset({"nc", "ncat", "netcat"})
"""Clients that only open a connection where an option says so (``-z``)."""

WAITING = ("wait-for", "wait_for", "waitfor", "wait4x", "wait-on", "wait-hosts", "dockerize")
"""How the names of programs begin that wait until a port opens."""

MIGRATING = frozenset({"migrate", "migration", "migrations", "migrator", "flyway", "liquibase"})
"""Words for the change of a database's schema."""

IMAGES = (
    *("curl", "git-sync", "wait-for", "k8s-wait-for", "wait4x", "dockerize", "storage-initializer", "kubectl", "aws-cli", "rclone"),
    *("flyway", "liquibase"),
)
"""How the names of images begin that do nothing but call."""

LOCAL = frozenset(
    (
        *("[", "[[", "awk", "basename", "break", "cat", "cd", "chgrp", "chmod", "chown", "command", "continue", "cp", "cut", "date", "df"),
        *("dig", "dirname", "done", "du", "echo", "envsubst", "esac", "exit", "export", "false", "fi", "find", "getent", "grep", "gzip"),
        *("head", "host", "hostname", "id", "install", "keytool", "ln", "ls", "mkdir", "mktemp", "mount", "mv", "nslookup", "openssl"),
        *("ping", "printf", "pwd", "read", "readlink", "return", "rm", "rmdir", "sed", "set", "setcap", "sha256sum", "shift", "sleep"),
        *("sort", "stat", "swapoff", "sysctl", "tail", "tar", "tee", "test", "touch", "tr", "trap", "true", "type", "ulimit", "umask"),
        *("uname", "uniq", "unzip", "update-ca-certificates", "wc", "which", "whoami", "yq", "jq", "zip"),
    )
)
"""Programs that need no TCP, whatever their words look like. DNS is UDP, which is not redirected."""

DATABASES = frozenset(
    (
        "amqp",
        "amqps",
        "clickhouse",
        "mariadb",
        "mongodb",
        "mysql",
        "mysql2",
        "nats",
        "postgres",
        "postgresql",
        "redis",
        "rediss",
        "sqlserver",
    )
)
"""Schemes of addresses that nothing but a client of a database or a broker reads."""

_PORTS: Mapping[str, int] = {
    **dict.fromkeys(("curl", "wget", "http"), 80), "https": 443, "amqp": 5672, "etcdctl": 2379, "vault": 8200, "consul": 8500, "nats": 4222,
    **dict.fromkeys(("psql", "pg_isready", "pg_dump", "pg_restore", "createdb", "postgres", "postgresql"), 5432),
    **dict.fromkeys(("mysql", "mysqladmin", "mysqldump", "mariadb", "mysql2"), 3306),
    **dict.fromkeys(("mongo", "mongosh", "mongodb"), 27017), **dict.fromkeys(("redis-cli", "redis"), 6379), "cqlsh": 9042,
    **dict.fromkeys(("aws", "gsutil", "gcloud", "s3", "gs", "git", "kubectl"), 443), "ssh": 22,
}  # fmt: skip

KNOWN_PORTS = frozenset((*_PORTS.values(), 2181, 8080, 8443, 9092, 9200))
"""Ports of servers, which no user or group has for a number."""


def client_port(name: str) -> int | None:
    """The port that a program or a scheme calls where it is told none."""
    return _PORTS.get(name)

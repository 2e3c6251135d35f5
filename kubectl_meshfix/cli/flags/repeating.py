"""Flags as the words that name the same source again, for the next command to type."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from kubectl_meshfix.cli.flags.options import ConnectionFlags, SourceFlags

if TYPE_CHECKING:
    from kubectl_meshfix.cli.flags.requests import RequestFlags

_IDENTIFYING = r"(?i)\s*(authorization|cookie|proxy-authorization|x-api-key)\s*:"


def of_source(where: SourceFlags) -> Sequence[str]:
    """The manifests or the namespaces of a run; ``-l`` is left to who knows what it chose."""
    files = [] if where.kustomize else where.filename or ()
    return [
        *(word for name in files for word in ("-f", name)),
        *(["-k", where.kustomize] if where.kustomize else []),
        *(["-R"] if where.recursive else []),
        *(["--helm"] if where.helm else []),
        *(["--no-ignore"] if where.no_ignore else []),
        *(["-A"] if where.all_namespaces else ["-n", where.namespace] if where.namespace else []),
    ]


def of_request(asked: "RequestFlags") -> Sequence[str]:
    """What a request says beside its URL. Claims and what headers hold of credentials are left to the person."""
    words = [word for header in asked.header or () if not re.match(_IDENTIFYING, header) for word in ("-H", header)]
    for flag, value in (("-X", asked.method), ("--http", asked.http_version), ("--sni", asked.sni), ("--source-ip", asked.source_ip)):
        words += [flag, value] if value else []
    return words


def of_connection(connection: ConnectionFlags) -> Sequence[str]:
    """The cluster, and who asks it. A token is left to the person."""
    words: list[str] = []
    for flag in ("context", "kubeconfig", "cluster", "user", "server", "certificate-authority", "tls-server-name"):
        value = getattr(connection, flag.replace("-", "_"))
        words += [f"--{flag}", value] if value else []
    words += ["--insecure-skip-tls-verify"] if connection.insecure_skip_tls_verify else []
    words += ["--as", connection.as_user] if connection.as_user else []
    return [*words, *(word for group in connection.as_groups or () for word in ("--as-group", group))]

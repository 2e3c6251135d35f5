"""Kubeconfig files, and how several become one. Nothing is ever written back.

Mirrors client-go ``tools/clientcmd/loader.go`` (Load, ResolveLocalPaths).
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import yaml

from kubectl_meshfix.documents.reading.limited import MAX_SETTINGS, read_file
from kubectl_meshfix.errors import SourceError
from kubectl_meshfix.sources.api.kubeconfig_schema import Cluster, Context, KubeconfigFile, User


class Merged(msgspec.Struct, frozen=True):
    """Every file that was found, as one; relative paths are made absolute against the file that names them."""

    paths: tuple[Path, ...]
    current_context: str
    clusters: Mapping[str, Cluster]
    users: Mapping[str, User]
    contexts: Mapping[str, Context]


def kubeconfig_paths(explicit: str, environ: Mapping[str, str]) -> tuple[Path, ...]:
    """The files to read, first wins: ``explicit`` alone, else $KUBECONFIG's list, else ``~/.kube/config``.

    Mirrors ``NewDefaultClientConfigLoadingRules``: an empty variable is an unset one, and ``~`` is left to the shell.
    """
    if explicit:
        return (Path(explicit),)
    if listed := environ.get("KUBECONFIG", ""):
        return tuple(Path(path) for path in dict.fromkeys(listed.split(os.pathsep)) if path)
    home = environ.get("HOME")
    return ((Path(home) if home else Path.home()) / ".kube" / "config",)


def read_kubeconfigs(explicit: str, environ: Mapping[str, str]) -> Merged:
    """The merged kubeconfig. Missing and empty files count for nothing, except that ``explicit`` must exist.

    Raises SourceError naming the file that cannot be read or understood.
    """
    current_context = ""
    found: list[Path] = []
    clusters: dict[str, Cluster] = {}
    users: dict[str, User] = {}
    contexts: dict[str, Context] = {}
    for path in kubeconfig_paths(explicit, environ):
        try:
            file = _decoded(path, read_file(path, MAX_SETTINGS))
        except FileNotFoundError:
            if explicit:
                advice = "Correct --kubeconfig, or leave it out to use $KUBECONFIG or ~/.kube/config."
                raise SourceError(f"The kubeconfig {path} does not exist.", advice) from None
            continue
        except OSError as error:
            raise SourceError(f"The kubeconfig {path} cannot be read: {error.strerror}.", "Check the path and its permissions.") from error
        found.append(path)
        folder = path.absolute().parent
        current_context = current_context or file.current_context
        for cluster in file.clusters:
            clusters.setdefault(cluster.name, _resolved_cluster(cluster.cluster, folder))
        for user in file.users:
            users.setdefault(user.name, _resolved_user(user.user, folder))
        for context in file.contexts:
            contexts.setdefault(context.name, context.context)
    return Merged(tuple(found), current_context, clusters, users, contexts)


def _decoded(path: Path, content: bytes) -> KubeconfigFile:
    advice = f"Repair it until `kubectl config view --kubeconfig={path}` succeeds, or use another with --kubeconfig."
    try:
        document = yaml.load(content, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506
        file = msgspec.convert({} if document is None else _without_nulls(document), KubeconfigFile)
    except yaml.MarkedYAMLError as error:
        line = f" in line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise SourceError(f"The kubeconfig {path} is not valid YAML{line}: {error.problem}.", advice) from None
    except msgspec.ValidationError as error:
        raise SourceError(f"The kubeconfig {path} is not valid: {error}.", advice) from None
    except (yaml.YAMLError, ValueError, RecursionError):
        raise SourceError(f"The kubeconfig {path} is not valid YAML, or nested without end.", advice) from None
    if file.kind != "Config":
        raise SourceError(f"The file {path} holds a {file.kind}, not a kubeconfig.", "Name a kubeconfig with --kubeconfig or $KUBECONFIG.")
    for entries in (file.clusters, file.users, file.contexts):
        names = [entry.name for entry in entries]
        if (name := next((name for at, name in enumerate(names) if name in names[:at]), None)) is not None:
            raise SourceError(f"The kubeconfig {path} has two entries named '{name}' in one list.", "Remove one of them.")
    return file


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nulls(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_without_nulls(item) for item in value]
    return value


def _resolved_cluster(cluster: Cluster, folder: Path) -> Cluster:
    return msgspec.structs.replace(cluster, certificate_authority=_resolved(cluster.certificate_authority, folder))


def _resolved_user(user: User, folder: Path) -> User:
    plugin = user.exec
    if plugin is not None and os.sep in plugin.command:
        plugin = msgspec.structs.replace(plugin, command=_resolved(plugin.command, folder))
    return msgspec.structs.replace(
        user,
        client_certificate=_resolved(user.client_certificate, folder),
        client_key=_resolved(user.client_key, folder),
        token_file=_resolved(user.token_file, folder),
        exec=plugin,
    )


def _resolved(path: str, folder: Path) -> str:
    return os.path.normpath(folder / path) if path else ""

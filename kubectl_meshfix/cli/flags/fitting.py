"""Flags that mean nothing for the source that was chosen, and that a person would think had an effect: they are errors."""

from kubectl_meshfix.cli.flags.options import ConnectionFlags, RuleFlags, SourceFlags
from kubectl_meshfix.errors import UsageError

NAMING = ("context", "kubeconfig", "cluster", "server")
"""The flags that name a cluster; with -f, manifests are judged in it."""

_SPELLING = {"as_user": "--as", "as_groups": "--as-group"}


def names_cluster(connection: ConnectionFlags) -> bool:
    """Whether a flag names the cluster, so that it is not left to the kubeconfig's current context."""
    return any(getattr(connection, name) for name in NAMING)


def measures_in_cluster(choice: RuleFlags) -> bool:
    """Whether --prometheus names a Service, which only an API server leads to."""
    return bool(choice.prometheus) and "://" not in choice.prometheus


def must_suit_source(connection: ConnectionFlags, where: SourceFlags, *, reaches_cluster: bool = False) -> None:
    """Raise UsageError for flags of files without files, and for flags of a connection where there is none.

    ``reaches_cluster``: a cluster is asked for something else than its objects, even if manifests are judged alone.
    """
    of_folders = {"-R": where.recursive, "--helm": where.helm, "--no-ignore": where.no_ignore}
    given = [flag for flag, is_given in of_folders.items() if is_given]
    if given and not where.filename:
        raise UsageError(f"{given[0]} needs -f: a cluster has no folders.", f"Name a folder with -f, or leave {given[0]} out.")
    if given and where.kustomize:
        raise UsageError(f"-k and {given[0]} cannot be used together.", "Leave one of them out.")
    if where.filename and not reaches_cluster:
        must_name_cluster(connection, "-f reads only files")


def must_name_cluster(connection: ConnectionFlags, why: str) -> None:
    """Raise UsageError for flags of a connection none of which names a cluster, ``why`` being that none is asked."""
    if connection.contexts:
        raise UsageError("--contexts and -f cannot be used together.", "Judge the manifests in one cluster, with --context.")
    if not names_cluster(connection) and (flag := _first(connection)):
        raise UsageError(f"{flag} is for a cluster, and {why}.", f"Name the cluster with --context, or leave {flag} out.")


def must_name_no_cluster(connection: ConnectionFlags, why: str) -> None:
    """Raise UsageError for any flag of a connection, ``why`` being that no cluster is asked."""
    if flag := _first(connection):
        raise UsageError(f"{flag} is for a cluster, and {why}.", f"Leave {flag} out.")


def _first(connection: ConnectionFlags) -> str:
    """The first flag of the connection that was given, as it is spelt; empty where none was."""
    default = ConnectionFlags()
    names = (name for name in default.__struct_fields__ if getattr(connection, name) != getattr(default, name))
    return next((_SPELLING.get(name, f"--{name.replace('_', '-')}") for name in names), "")

"""The flags that verbs share, with kubectl's names and meanings, as values."""

import inspect
from collections.abc import Callable, Iterator
from enum import StrEnum
from typing import Annotated, Any, get_args, get_type_hints

import typer
from typer.models import OptionInfo

from kubectl_meshfix.cli.flags.asking import Proxies
from kubectl_meshfix.cli.flags.pflag import CONNECTION
from kubectl_meshfix.mesh.port_fix import PortFix
from kubectl_meshfix.resources.meta import Struct
from kubectl_meshfix.severity import Severity


def _connection(*names: str, text: str, metavar: str = "TEXT") -> Any:
    return typer.Option(*names, help=text, rich_help_panel=CONNECTION, metavar=metavar, show_default=False)


def _connection_switch(name: str, text: str) -> Any:
    return typer.Option(name, help=text, rich_help_panel=CONNECTION, show_default=False)


class ConnectionFlags(Struct, frozen=True):
    """How to reach the cluster."""

    context: Annotated[
        str, _connection("--context", text="The kubeconfig context to use; with -f, the cluster to judge the manifests in.", metavar="NAME")
    ] = ""
    contexts: Annotated[
        str, _connection("--contexts", text="Only for diagnose: several contexts in one report, or all.", metavar="NAME,…|all")
    ] = ""
    kubeconfig: Annotated[str, _connection("--kubeconfig", text="The kubeconfig file to use.", metavar="FILE")] = ""
    cluster: Annotated[str, _connection("--cluster", text="The kubeconfig cluster to use.", metavar="NAME")] = ""
    user: Annotated[str, _connection("--user", text="The kubeconfig user to use.", metavar="NAME")] = ""
    server: Annotated[str, _connection("-s", "--server", text="Address of the API server.", metavar="URL")] = ""
    token: Annotated[str, _connection("--token", text="Bearer token for the API server.")] = ""
    as_user: Annotated[str, _connection("--as", text="Impersonate this user.", metavar="NAME")] = ""
    as_uid: Annotated[str, _connection("--as-uid", text="Impersonate this UID.", metavar="UID")] = ""
    as_groups: Annotated[list[str] | None, _connection("--as-group", text="Impersonate this group; repeat for more.", metavar="NAME")] = (
        None
    )
    as_user_extra: Annotated[
        list[str] | None, _connection("--as-user-extra", text="Impersonate with this extra; repeat for more.", metavar="KEY=VALUE")
    ] = None
    certificate_authority: Annotated[
        str, _connection("--certificate-authority", text="CA certificate of the API server.", metavar="FILE")
    ] = ""
    client_certificate: Annotated[str, _connection("--client-certificate", text="Client certificate.", metavar="FILE")] = ""
    client_key: Annotated[str, _connection("--client-key", text="Client key.", metavar="FILE")] = ""
    tls_server_name: Annotated[
        str, _connection("--tls-server-name", text="Host name that the server's certificate must have.", metavar="NAME")
    ] = ""
    insecure_skip_tls_verify: Annotated[
        bool, _connection_switch("--insecure-skip-tls-verify", "Do not verify the server's certificate.")
    ] = False
    request_timeout: Annotated[
        str, _connection("--request-timeout", text="How long one request may take (5s, 1m30s); 0 means no limit.", metavar="TIME")
    ] = "0"
    disable_compression: Annotated[bool, _connection_switch("--disable-compression", "Do not ask for compressed answers.")] = False


class Scope(StrEnum):
    """Which objects a report is about."""

    MESH = "mesh"
    ALL = "all"


class SourceFlags(Struct, frozen=True):
    """Where to look: a cluster's namespaces, or manifests."""

    namespace: Annotated[
        str,
        typer.Option(
            "-n", "--namespace", help="The namespace to check; with -f, also that of documents that name none.", metavar="NAMESPACE"
        ),
    ] = ""
    all_namespaces: Annotated[bool, typer.Option("-A", "--all-namespaces", help="Check all namespaces.", show_default=False)] = False
    selector: Annotated[str, typer.Option("-l", "--selector", help="Only objects with these labels.", metavar="SELECTOR")] = ""
    filename: Annotated[
        list[str] | None,
        typer.Option("-f", "--filename", help="Manifests instead of the cluster: a file, a folder, or - for stdin.", metavar="PATH"),
    ] = None
    kustomize: Annotated[
        str, typer.Option("-k", "--kustomize", help="A folder for kustomize: what it builds is checked.", metavar="DIR")
    ] = ""
    recursive: Annotated[bool, typer.Option("-R", "--recursive", help="Read the folders of -f recursively.", show_default=False)] = False
    helm: Annotated[
        bool, typer.Option("--helm", help="Render the Helm charts in the folders of -f, with their own values.", show_default=False)
    ] = False
    no_ignore: Annotated[
        bool, typer.Option("--no-ignore", help="Also read files in the folders of -f that .gitignore names.", show_default=False)
    ] = False


class SelectionFlags(SourceFlags, frozen=True):
    """Where to look, and which findings to show."""

    scope: Annotated[
        Scope | None,
        typer.Option(
            "--scope",
            help="mesh: only objects in the mesh or meant for it (default on a cluster); all: every object. Default with -f: what "
            "the files do not keep out of the mesh, if anything in them has to do with Istio.",
        ),
    ] = None
    revision: Annotated[str, typer.Option("--revision", help="Only workloads of this control plane revision.", metavar="NAME")] = ""


class RuleFlags(Struct, frozen=True):
    """Which rules to run, and what they take as given."""

    select: Annotated[
        list[str] | None,
        typer.Option("--select", help="Only these rules: codes, prefixes (MF1), names, or codes of istioctl and Kiali.", metavar="CODE,…"),
    ] = None
    ignore: Annotated[list[str] | None, typer.Option("--ignore", help="Leave these rules out.", metavar="CODE,…")] = None
    config: Annotated[
        str,
        typer.Option(
            "--config",
            help="The settings file, or none. Default: with -f, the .meshfix.yaml of that folder or of one above it; on a cluster, none.",
            metavar="FILE",
        ),
    ] = ""
    baseline: Annotated[
        str, typer.Option("--baseline", help="Leave out the findings that this file lists; only new ones count.", metavar="FILE")
    ] = ""
    severity: Annotated[Severity, typer.Option("--severity", help="The least severity to show.")] = Severity.INFO
    protocol: Annotated[
        list[str] | None,
        typer.Option(
            "--protocol",
            help="The protocol of a port, whatever the evidence says: [NAMESPACE/]SERVICE/PORT=http; repeat for more.",
            metavar="PORT=NAME",
        ),
    ] = None
    no_secrets: Annotated[
        bool,
        typer.Option(
            "--no-secrets",
            help="Do not ask a cluster whether the Secrets that gateways name exist; what is in them is never read.",
            show_default=False,
        ),
    ] = False
    prometheus: Annotated[
        str,
        typer.Option(
            "--prometheus",
            help="A Prometheus that scrapes the mesh's proxies: the last day's traffic tells the protocols of ports. Its URL, or "
            "NAMESPACE/SERVICE:PORT to reach it through the API server.",
            metavar="PLACE",
            show_default=False,
        ),
    ] = ""
    proxies: Proxies = ""
    port_fix: Annotated[
        PortFix,
        typer.Option(
            "--port-fix",
            help="How to declare a port's protocol. auto: rename the port if nothing refers to its name, else set appProtocol; "
            "app-protocol: set appProtocol; rename: rename the port, and change every reference to its name too.",
        ),
    ] = PortFix.AUTO


def before_the_verb() -> dict[str, bool]:
    """The flags that may stand before the verb, as kubectl's global ones may, and whether a value follows."""
    kinds = {name: get_args(hint)[0] for hint, info in _global_flags() for name in _names(info)}
    return {name: kind is not bool for name, kind in kinds.items()}


def connection_help() -> list[tuple[str, str]]:
    """Each of these flags with its value, and what it is for."""
    return [(f"{', '.join(_names(info))} {info.metavar or ''}".rstrip(), info.help or "") for _, info in _global_flags()]


def _global_flags() -> Iterator[tuple[Any, OptionInfo]]:
    for group, names in ((SourceFlags, ("namespace", "all_namespaces")), (ConnectionFlags, None)):
        for name, hint in get_type_hints(group, include_extras=True).items():
            if names is None or name in names:
                yield hint, get_args(hint)[1]


def _names(info: OptionInfo) -> tuple[str, ...]:
    """A flag's names; Typer keeps the first of them as a default."""
    return tuple(name for name in (info.default, *(info.param_decls or ())) if isinstance(name, str))


def grouped(verb: Callable[..., None]) -> Callable[..., None]:
    """Let a verb take the Structs above as arguments: Typer sees their fields as the verb's own flags."""
    hints = get_type_hints(verb, include_extras=True)
    own = inspect.signature(verb).parameters
    groups = {name: hints[name] for name in own if isinstance(hints[name], type) and issubclass(hints[name], Struct)}
    flags = {
        name: inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=types[name])
        for group in groups.values()
        for types in [get_type_hints(group, include_extras=True)]
        for name, default in zip(group.__struct_fields__, group.__struct_defaults__, strict=True)
    }
    plain = {
        name: parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY, annotation=hints[name])
        for name, parameter in own.items()
        if name not in groups
    }

    def run(**values: Any) -> None:
        built = {name: group(**{field: values.pop(field) for field in group.__struct_fields__}) for name, group in groups.items()}
        verb(**values, **built)

    parameters = {**plain, **flags}
    run.__name__, run.__doc__ = verb.__name__, verb.__doc__
    run.__signature__ = inspect.Signature(list(parameters.values()))  # type: ignore[attr-defined]
    run.__annotations__ = {name: parameter.annotation for name, parameter in parameters.items()}
    return run

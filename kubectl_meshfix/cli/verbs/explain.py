"""``explain``: how a pod gets its sidecar, or why it does not."""

import shlex
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from kubectl_meshfix.cli import console
from kubectl_meshfix.cli.flags.asking import ProxiesOfPods
from kubectl_meshfix.cli.flags.fitting import must_suit_source, names_cluster
from kubectl_meshfix.cli.flags.formats.explanations import ExplanationFormat
from kubectl_meshfix.cli.flags.manner import MannerFlags
from kubectl_meshfix.cli.flags.options import ConnectionFlags, SourceFlags
from kubectl_meshfix.cli.flags.repeating import of_connection, of_source
from kubectl_meshfix.errors import ExitCode, UsageError
from kubectl_meshfix.render.text.terminal import safe_line

if TYPE_CHECKING:
    from kubectl_meshfix.injection.explanation import Explanation
    from kubectl_meshfix.render.text.terminal import Screen


def explain(
    connection: ConnectionFlags,
    where: SourceFlags,
    manner: MannerFlags,
    targets: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="TYPE[/NAME]|FILE",
            help="What to explain: pod/x, deploy/x, job/x, ns/x, svc/x (the workloads behind it), pods …, or manifests, as with -f.",
        ),
    ] = None,
    probe: Annotated[
        bool, typer.Option("--probe", help="Also create the pod in a server-side dry run, and compare.", show_default=False)
    ] = False,
    proxies: ProxiesOfPods = "",
    output: Annotated[
        ExplanationFormat | None, typer.Option("-o", "--output", help="Output format. Default: tree for one target, table for several.")
    ] = None,
) -> None:
    """Explain how a pod gets its sidecar, or why it does not. For a workload or a namespace: how its new pods get theirs.

    Follows injection from the API server's webhooks to the injector's decision and to the running pod, and names the check that
    decided. With --proxies, istiod and the proxy say whether it has its configuration. Reads the cluster of the current context, or
    manifests with -f; with -f and --context, manifests as if they were applied to that cluster. Changes nothing.

    The exit code is 0 if every target is as its labels request, 1 if one is not, 2 for errors.
    """
    from kubectl_meshfix.cli.work import explaining  # noqa: PLC0415 -- the chain is for this verb alone
    from kubectl_meshfix.cli.work.asking import wanted_proxies  # noqa: PLC0415
    from kubectl_meshfix.cli.work.naming import named  # noqa: PLC0415

    manner.begin()
    words, where = named("explain", targets or (), where)
    must_suit_source(connection, where)
    verbose = manner.verbose > 0
    if probe and where.filename and not names_cluster(connection):
        raise UsageError("--probe needs an API server, and -f names only files.", "Name a cluster with --context.")
    if proxies and where.filename:
        raise UsageError("--proxies asks the proxies of pods, and manifests have none.", "Explain what is in the cluster: leave -f out.")
    asked = wanted_proxies(proxies, alone=False)
    explanations = explaining.explanations(words, connection, where, probe=probe, proxies=asked)
    if not explanations and output in (None, ExplanationFormat.TREE, ExplanationFormat.TABLE):
        console.answer(f"{explaining.nothing(words, where)}\n")
        return
    output = output or (ExplanationFormat.TREE if len(explanations) == 1 or verbose or probe else ExplanationFormat.TABLE)
    console.answer(_rendered(explanations, output, manner.screen(), verbose=verbose))
    if output is ExplanationFormat.TABLE:
        from kubectl_meshfix.render.chain.table import summary  # noqa: PLC0415

        console.summarise(summary(explanations, _next_step(where, connection)), after=True)
    raise typer.Exit(ExitCode.OK if all(item.verdict.as_requested for item in explanations) else ExitCode.FINDINGS)


def _rendered(explanations: "Sequence[Explanation]", output: ExplanationFormat, screen: "Screen", *, verbose: bool) -> str:
    from kubectl_meshfix.render.chain import document, mermaid, table, terminal  # noqa: PLC0415
    from kubectl_meshfix.render.text import machine  # noqa: PLC0415

    match output:
        case ExplanationFormat.JSON:
            return machine.as_json(document.document(explanations))
        case ExplanationFormat.YAML:
            return machine.as_yaml(document.document(explanations))
        case ExplanationFormat.MERMAID:
            return mermaid.mermaid(explanations)
        case ExplanationFormat.HTML:
            from kubectl_meshfix.cli.environment import now  # noqa: PLC0415
            from kubectl_meshfix.render.chain import html  # noqa: PLC0415

            return html.html(explanations, f"{now():%Y-%m-%d %H:%M} UTC")
        case ExplanationFormat.TABLE:
            return table.table(explanations, screen)
        case _:
            return "\n".join(terminal.tree(item, screen, verbose=verbose) for item in explanations)


def _next_step(where: SourceFlags, connection: ConnectionFlags) -> str:
    """The command that explains one of these targets, but for its namespace, which the target has."""
    source = of_source(msgspec.structs.replace(where, namespace="", all_namespaces=False))
    return safe_line(shlex.join(["kubectl", "meshfix", "explain", *source, *of_connection(connection)]))

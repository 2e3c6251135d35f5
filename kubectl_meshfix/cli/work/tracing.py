"""From flags to traces: which mesh, which caller, which request, and the findings on the way."""

import shlex
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from kubectl_meshfix import scope
from kubectl_meshfix.chain.steps import told
from kubectl_meshfix.cli.console import warn
from kubectl_meshfix.cli.flags.fitting import names_cluster
from kubectl_meshfix.cli.flags.options import ConnectionFlags, SelectionFlags, SourceFlags
from kubectl_meshfix.cli.work.asking import Wanted
from kubectl_meshfix.cli.work.reading import Source, of_cluster, of_files
from kubectl_meshfix.engine import Snapshot, diagnose
from kubectl_meshfix.errors import UsageError
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.render.text.terminal import count
from kubectl_meshfix.report import Diagnosis
from kubectl_meshfix.resources.kinds import Kind
from kubectl_meshfix.resources.meta import Ref, Struct
from kubectl_meshfix.rules import RULES
from kubectl_meshfix.rules.rule import Rule
from kubectl_meshfix.touching import touching
from kubectl_meshfix.traffic.gateway.named_hosts import gateways_for
from kubectl_meshfix.traffic.terms.parties import Plane
from kubectl_meshfix.traffic.terms.request import Request
from kubectl_meshfix.traffic.trace.answers import Trace
from kubectl_meshfix.traffic.trace.callers import CallerName, callers
from kubectl_meshfix.traffic.trace.inputs import INPUTS
from kubectl_meshfix.traffic.trace.walk import trace

_UNREADABLE = "MF001"
"""The rule that finds documents which do not decode."""

_GATEWAYS = 3
"""So many are named."""


class Traced(Struct, frozen=True):
    """One trace, the place of the files it is in where these make several meshes, and the findings on its way.

    ``gateways`` are those with a server for a host that the request leaves the mesh for.
    """

    trace: Trace
    beside: str = ""
    findings: tuple[Diagnosis, ...] = ()
    gateways: tuple[Ref, ...] = ()


def read(connection: ConnectionFlags, where: SourceFlags, wanted: Iterable[Kind] = INPUTS) -> tuple[Source, str | None]:
    """The mesh, and the namespace in which names are looked up, None for any. ``wanted`` are the kinds. Raises MeshfixError.

    A request may lead anywhere, so all namespaces are read, of the kinds that decide on it.
    """
    everywhere = SelectionFlags(**{**msgspec.structs.asdict(where), "all_namespaces": True, "selector": ""})
    shown = scope.FindingFilter(mesh_only=True)
    if not where.filename:
        source = of_cluster(connection, everywhere, set(wanted), shown)
        return source, None if where.all_namespaces else source.api.namespace if source.api else None
    namespace = where.namespace if where.namespace and not where.all_namespaces else None
    if names_cluster(connection):
        from kubectl_meshfix.cli.work.overlaying import of_files_in_cluster  # noqa: PLC0415 -- only with both

        return of_files_in_cluster(connection, everywhere, set(wanted), shown), namespace
    return of_files(everywhere), namespace


def traces(source: Source, caller: CallerName, request: Request, namespace: str | None, *, proxies: Wanted | None = None) -> list[Traced]:
    """What becomes of a request, in each of the meshes that hold its caller. Raises UsageError for a caller that is nowhere.

    With ``proxies``, those on the way are asked what they have themselves.
    """
    found: list[Traced] = []
    errors: list[UsageError] = []
    if source.snapshot.unreadable:
        kinds = ", ".join(dict.fromkeys(gap.kind for gap in source.snapshot.unreadable))
        warn(f"You may not read {kinds}. Steps that need them are marked with a question mark.")
    for mesh in source.snapshot.meshes:
        try:
            steps, parties = told(callers(mesh, caller, namespace))
        except UsageError as error:
            errors.append(error)
            continue
        made = trace(mesh, parties, request, steps)
        if proxies and source.api:
            from kubectl_meshfix.cli.work.asking_on_the_way import with_proxies  # noqa: PLC0415 -- only where it is asked for

            made = with_proxies(source.api, mesh, made, caller, proxies)
        found.append(Traced(trace=made, beside=mesh.place, gateways=_gateways(mesh, made)))
    if not found:
        raise errors[0]
    return list(_with_findings(source.snapshot, _unlike(found)))


def _gateways(mesh: Mesh, made: Trace) -> tuple[Ref, ...]:
    """The gateways that may be meant by a host that no Service has."""
    leaves = [branch.to.party is None or branch.to.party.plane is Plane.OUTSIDE for branch in made.branches]
    return gateways_for(mesh, made.request.host) if all(leaves) and made.caller.plane is not Plane.GATEWAY else ()


def _unlike(found: Iterable[Traced]) -> Iterator[Traced]:
    """Each trace once: files beside which nothing is different need no line of their own."""
    seen: list[object] = []
    for item in found:
        ends = [(branch.share, branch.given, branch.to.host, branch.ending) for branch in item.trace.branches]
        if ends not in seen:
            seen.append(ends)
            yield item


def _with_findings(snapshot: Snapshot, found: Iterable[Traced]) -> Iterator[Traced]:
    report = diagnose(snapshot, _runnable(snapshot.mesh))
    rows = [row for row in report.findings if not row.suppressed]
    if left_out := [row for row in rows if row.code == _UNREADABLE]:
        places = ", ".join(dict.fromkeys(f"{row.location.file}:{row.location.line}" for row in left_out if row.location))
        warn(f"{count(len(left_out), 'document')} cannot be read and {'are' if len(left_out) > 1 else 'is'} left out: {places}.")
    for item in found:
        yield msgspec.structs.replace(item, findings=tuple(touching(item.trace, rows)))


def _runnable(mesh: Mesh) -> Sequence[Rule]:
    """The rules whose kinds were read for the trace."""
    return [rule for rule in RULES if set(rule.inputs) <= set(INPUTS)] if mesh.live else RULES


def advice(item: Traced, flags: Sequence[str], asked: Sequence[str] = ()) -> Sequence[str]:
    """The commands that lead on: the same request at a gateway that is for its host, and the fixes of the findings on the way.

    ``flags`` are those of the source, ``asked`` the URL and the flags of the request.
    """
    return (*_at_gateways(item, flags, asked), *_fixes(item, flags))


def _at_gateways(item: Traced, flags: Sequence[str], asked: Sequence[str]) -> Iterator[str]:
    for gateway in item.gateways[:_GATEWAYS]:
        place = [] if {"-n", "-A"} & set(flags) or not gateway.namespace else ["-n", gateway.namespace]
        yield shlex.join(["kubectl", "meshfix", "trace", f"gateway/{gateway.name}", *asked, *place, *flags])


def _fixes(item: Traced, flags: Sequence[str]) -> Sequence[str]:
    fixable = [finding for finding in item.findings if finding.fix and finding.fix.patches]
    if not fixable:
        return ()
    codes = ",".join(dict.fromkeys(finding.code for finding in fixable))
    names = dict.fromkeys(f"{finding.resource.kind.lower()}/{finding.resource.name}" for finding in fixable)
    namespaces = {finding.resource.namespace for finding in fixable}
    place = namespaces.pop() if len(namespaces) == 1 else None
    chosen = ["-n", place] if place and "-n" not in flags else [] if place else ["-A"]

    return (shlex.join(["kubectl", "meshfix", "apply", *names, *chosen, *flags, "--select", codes, "--dry-run"]),)

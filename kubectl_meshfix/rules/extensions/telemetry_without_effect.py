"""MF707: a setting of a Telemetry that has no effect, or turns off what it is about."""

from collections.abc import Iterator

from kubectl_meshfix.documents.patch import Operation
from kubectl_meshfix.documents.pointer import join
from kubectl_meshfix.fixes.corrections import choice, corrected, near, patch
from kubectl_meshfix.fixes.fix import Fix, manual
from kubectl_meshfix.mesh import control_plane
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.istio_policy import Telemetry
from kubectl_meshfix.rules.rule import Finding, Rule, Severity
from kubectl_meshfix.traffic.telemetry.merging import LOGS, METRICS, TRACES
from kubectl_meshfix.traffic.telemetry.providers import REMOVED, Fault, Idle, idle, names

FILTERED = "Requests that the filter leaves out are no longer logged."
SENT = "This provider begins to get data, which may be a lot."
WHAT = {LOGS: "logs", TRACES: "traces", METRICS: "metrics"}


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each setting without effect (`pilot/pkg/model/telemetry.go mergeLogs`, `Tracing`, `fetchProvider`)."""
    for telemetry in mesh.all(Telemetry):
        for found in idle(mesh, telemetry):
            yield _finding(mesh, telemetry, found)


def _finding(mesh: Mesh, telemetry: Telemetry, found: Idle) -> Finding:
    place = join("spec", found.field, found.number)
    match found.fault:
        case Fault.FILTER_ALONE:
            rest = " All requests are logged." if found.inherits else ""
            message = f"This filter is ignored: istiod uses a filter only where its own item names providers.{rest}"
            fix = _joined(telemetry, found.number)
            return Finding(resource=telemetry.ref, path=f"{place}/filter", message=message, fix=fix, aliases=("IST0157",))
        case Fault.NO_PROVIDER:
            what = f"{LOGS}[{found.number}] names no provider"
            message, severity = f"{what}, and there is none to inherit. It changes no logs.", None
            if not found.is_certain:
                message, severity = f"{what}. It changes no logs unless the mesh configuration has a default one.", Severity.INFO
            fix = manual("Name the providers that write the logs, such as envoy.")
            return Finding(resource=telemetry.ref, path=place, message=message, fix=fix, severity=severity, aliases=("IST0157",))
        case Fault.TRACING_OFF:
            message = "No tracing provider is named here or in the mesh configuration. These settings turn tracing off."
            able = names(mesh, TRACES)
            fix = choice("Name a provider: {}.", able) if able else manual("Define a tracing provider, and name it.")
            return Finding(resource=telemetry.ref, path=place, message=message, fix=fix, aliases=())
        case Fault.UNKNOWN | Fault.UNABLE:
            return _provider(mesh, telemetry, found)


def _provider(mesh: Mesh, telemetry: Telemetry, found: Idle) -> Finding:
    """A provider that the mesh configuration does not have, or that cannot do what is asked of it."""
    path = join("spec", found.field, found.number, "providers", found.provider_number, "name")
    what = WHAT[found.field]
    if found.provider is None:
        message = f"The mesh configuration has no provider {found.name}. No {what} are written for it."
        otherwise = manual("Define the provider in extensionProviders of the mesh configuration, or name another.")
        fix = corrected(telemetry.ref, path, found.name, near(found.name, names(mesh, found.field)), otherwise, risk=SENT)
        return Finding(resource=telemetry.ref, path=path, message=message, fix=fix, aliases=())
    kind = found.provider.kind
    is_removed = kind in REMOVED and found.field == TRACES
    message = f"Provider {found.name} is of type {kind}, which writes no {what}. This setting has no effect."
    fix = manual(f"Name a provider for {what}.")
    if is_removed:
        message = f"Provider {found.name} is of type {kind}, for which istiod no longer configures tracing. No traces are sent."
        fix = manual("Use a provider of type opentelemetry.")
    return Finding(resource=telemetry.ref, path=path, message=message, fix=fix, aliases=("IST0002",) if is_removed else ())


def _joined(telemetry: Telemetry, number: int) -> Fix:
    """The filter in the only item that names providers, where that one has no filter and is about the same requests."""
    items = telemetry.spec.access_logging
    item = items[number]
    naming = [place for place, other in enumerate(items) if other.providers]
    whole = {"expression": item.filter.expression if item.filter else ""}
    if len(naming) != 1 or items[naming[0]].filter or items[naming[0]].disabled or items[naming[0]].match != item.match or len(items) != 2:
        return manual("Write the filter beside the providers whose logs it is for, in one item.")
    provider = items[naming[0]].providers[0].name
    steps = (  # the filter itself is not compared: a server spells < and > in other bytes than a patch, and compares bytes
        Operation("test", join("spec", LOGS, naming[0], "providers", 0, "name"), provider),
        Operation("add", join("spec", LOGS, naming[0], "filter"), whole),
        Operation("remove", join("spec", LOGS, number)),
    )
    return patch(telemetry.ref, steps, f"Move the filter to {LOGS}[{naming[0]}], which names the providers.", risk=FILTERED)


RULE = Rule(
    code="MF707",
    name="telemetry-without-effect",
    severity=Severity.WARNING,
    inputs=(kinds.TELEMETRY,),
    optional=control_plane.INPUTS,
    about=(kinds.TELEMETRY,),
    aliases=("IST0002", "IST0157"),
    summary="A setting of a Telemetry has no effect, or turns off what it is about",
    check=check,
)

"""MF413: a rewrite doubles a slash of the path, or loses one."""

from collections.abc import Iterator

from kubectl_meshfix.documents.patch import Operation
from kubectl_meshfix.fixes.corrections import patch, replacement
from kubectl_meshfix.fixes.fix import Fix, manual
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.istio_networking.actions import StringMatch
from kubectl_meshfix.resources.istio_networking.routes import HTTPMatch, VirtualService
from kubectl_meshfix.rules.rule import Finding, Rule, Severity
from kubectl_meshfix.traffic.route.faults.mangled_paths import Mangled, mangled

SPLIT = "Paths that only begin with the same letters, as /commonplace does with /common, are not taken any more."
LONGER = "The server gets other paths than today, and may know only those."


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each rewrite of a prefix in which one of the two ends in a slash (`pilot/pkg/networking/core/route/route.go`)."""
    for virtual_service in mesh.all(VirtualService):
        for item in mangled(virtual_service):
            yield Finding(
                resource=virtual_service.ref,
                path=f"/spec/http/{item.route}/rewrite/uri",
                message=f"http[{item.route}] rewrites the prefix {item.prefix} to {item.rewritten}: "
                f"the server gets {item.after} for {item.before}.",
                evidence=("Envoy replaces the letters that matched, and nothing else",),
                fix=_fix(virtual_service, item),
            )


def _fix(virtual_service: VirtualService, item: Mangled) -> Fix:
    place = f"/spec/http/{item.route}"
    if not item.is_double:
        if "." in item.rewritten.rpartition("/")[2]:
            return manual(f"Match the exact path that becomes {item.rewritten}.")
        longer = f"{item.rewritten}/"
        return patch(virtual_service.ref, replacement(f"{place}/rewrite/uri", item.rewritten, longer), f"Rewrite to {longer}.", risk=LONGER)
    matches = virtual_service.spec.http[item.route].match
    if matches != (HTTPMatch(uri=StringMatch(prefix=item.prefix)),):
        return manual(f"Match the prefix {item.prefix}/ and the exact path {item.prefix}.")
    exact = Operation("add", f"{place}/match/-", {"uri": {"exact": item.prefix}})
    operations = (*replacement(f"{place}/match/0/uri/prefix", item.prefix, f"{item.prefix}/"), exact)
    return patch(virtual_service.ref, operations, f"Match the prefix {item.prefix}/ and the exact path {item.prefix}.", risk=SPLIT)


RULE = Rule(
    code="MF413",
    name="mangled-path",
    severity=Severity.WARNING,
    inputs=(kinds.VIRTUAL_SERVICE,),
    words=("rewrite",),
    summary="A rewrite doubles a slash of the path, or loses one",
    check=check,
)

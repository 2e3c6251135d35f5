"""The findings of MF408, one for each reason why a delegation comes to nothing."""

from kubectl_meshfix.documents.patch import Operation
from kubectl_meshfix.fixes.corrections import corrected, near, patch, replacement
from kubectl_meshfix.fixes.fix import Fix, manual
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.istio_networking.actions import StringMatch
from kubectl_meshfix.resources.istio_networking.routes import HTTPMatch, VirtualService
from kubectl_meshfix.rules.absence import absence
from kubectl_meshfix.rules.rule import Finding
from kubectl_meshfix.traffic.checks import route as outcomes
from kubectl_meshfix.traffic.route.faults.broken_delegates import Broken, Left, left
from kubectl_meshfix.traffic.route.places import spot

RISK = "Requests that miss this route today are routed by the delegate."
_LEFT = {
    Left.BEHIND: "its requests are left to the routes behind it",
    Left.NOBODY: "its requests get 404",
    Left.HOSTS: "calls go to the hosts themselves",
    Left.HOSTS_IN_MESH: "sidecars call the hosts themselves, and gateways answer 404",
}
HOSTS_RISK = "What uses this VirtualService by its own hosts today loses these routes."


def missing(mesh: Mesh, item: Broken) -> Finding | None:
    """What is named does not exist; None where that is not known, and nothing similar is there."""
    delegate = item.root.spec.http[item.at].delegate
    assert delegate is not None  # noqa: S101 -- the route delegates
    namespace, path = delegate.namespace or item.root.namespace, f"/spec/http/{item.at}/delegate"
    better = near(delegate.name, (found.name for found in mesh.within(VirtualService, namespace) if not found.spec.hosts))
    if item.outcome is outcomes.DELEGATE_NOT_READ and not better:
        return None
    is_placed = item.root.ref.namespace or delegate.namespace
    what = f"VirtualService {namespace}/{delegate.name}" if is_placed else f"VirtualService {delegate.name}"
    effect = f"the route {spot(f'/spec/http/{item.at}')} is dropped, and {_LEFT[left(item.root, item.at)]}"
    message, severity = absence(what, effect, is_live=mesh.live, is_slip=bool(better))
    fix = corrected(item.root.ref, f"{path}/name", delegate.name, better, manual("Delegate to a VirtualService without hosts."), risk=RISK)
    return Finding(resource=item.root.ref, path=f"{path}/name", message=message, fix=fix, severity=severity)


def with_hosts(item: Broken, delegate: VirtualService) -> Finding:
    """What is named has hosts."""
    gone = [Operation("remove", "/spec/hosts"), *([Operation("remove", "/spec/gateways")] if delegate.spec.gateways else [])]
    test = Operation("test", "/spec/hosts", list(delegate.spec.hosts))
    what = "its hosts and gateways" if delegate.spec.gateways else "its hosts"
    return Finding(
        resource=delegate.ref,
        path="/spec/hosts",
        message=f"{item.root.ref} delegates to this VirtualService, which has hosts and so is no delegate. "
        f"{spot(f'/spec/http/{item.at}')} is dropped there.",
        fix=patch(delegate.ref, (test, *gone), f"Remove {what}.", risk=HOSTS_RISK),
    )


def hidden(item: Broken, delegate: VirtualService) -> Finding:
    """What is named is not exported to who names it."""
    home, exports = item.root.namespace, delegate.spec.export_to
    change = Operation("add", "/spec/exportTo/-", home) if exports else Operation("add", "/spec/exportTo", [".", home])
    fix: Fix = patch(delegate.ref, (change,), f"Export it to namespace {home}.", risk=RISK)
    return Finding(
        resource=delegate.ref,
        path="/spec/exportTo" if exports else "",
        message=f"{item.root.ref} delegates to this VirtualService, which is not exported to namespace {home}. "
        f"{spot(f'/spec/http/{item.at}')} is dropped there.",
        fix=manual("Remove ~ from exportTo, and add the namespace.") if "~" in exports else fix,
    )


def conflicting(item: Broken, delegate: VirtualService) -> Finding:
    """The matches of the two do not fit."""
    path = f"/spec/http/{item.position}"
    return Finding(
        resource=delegate.ref,
        path=path,
        message=f"{spot(path)} is dropped: its match does not fit that of {item.root.ref} {spot(f'/spec/http/{item.at}')}, "
        "which delegates to it.",
        evidence=("A delegate can only narrow the match of the route that delegates to it",),
        fix=_below(item, delegate, path),
    )


def _below(item: Broken, delegate: VirtualService, path: str) -> Fix:
    """Of one match with one path each, the delegate's is put below the root's; where it is there already, something else does not fit."""
    match item.root.spec.http[item.at].match, delegate.spec.http[item.position].match:
        case (HTTPMatch(uri=StringMatch(prefix=str(root))) as above,), (HTTPMatch(uri=StringMatch() as uri) as below,):
            kind, own = ("prefix", uri.prefix) if uri.prefix else ("exact", uri.exact or "")
            if own.startswith("/") and not own.startswith(root) and above.ignore_uri_case == below.ignore_uri_case:
                whole = root.rstrip("/") + own
                return patch(delegate.ref, replacement(f"{path}/match/0/uri/{kind}", own, whole), f"Match {whole}.", risk=RISK)
    return manual("Match a part of what the delegating route matches.")

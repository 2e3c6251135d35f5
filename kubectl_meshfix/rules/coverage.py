"""The codes of istioctl and Kiali, and which rules find the same: or why none does."""

from collections.abc import Mapping
from enum import StrEnum

from kubectl_meshfix.resources.meta import Struct
from kubectl_meshfix.rules import RULES
from kubectl_meshfix.rules.foreign_codes import ISTIOCTL, KIALI

ARGUED: Mapping[str, str] = {
    "IST0001": "istioctl never says it.",
    "IST0136": "Most of Istio's annotations are alpha, and have been for years.",
    "IST0137": "Two Service ports may share a target port: inbound clusters are keyed by it, and nothing breaks.",
    "IST0141": "It is about the rights of whoever installs Istio: kubectl auth can-i tells them.",
    "IST0140": "Traffic of a gateway follows the gateway's VirtualService by design, as at every egress gateway.",
    "IST0142": "istioctl install asks it by itself, before there is a mesh; a running istiod asks for no version.",
    "IST0143": "istioctl never says it.",
    "IST0148": "It says that injection is on, which is no problem.",
    "IST0156": "It is about the Gateway API before 0.5, of 2022; a run says which kinds it could not read.",
    "IST0161": "It needs the contents of Secrets, with their private keys, which are never read.",
    "IST0163": "The API server stores no webhook without a valid https URL or a Service.",
    "IST0164": "An IP address works where istiod's certificate is for it; MF309 and explain check the call.",
    "IST0168": "istioctl never says it.",
    "IST0169": "It is about upgrades from Istio 1.21 alone, for whoever asks with --from-version.",
    "IST0170": "It compares the Services of several clusters, and each cluster is checked by itself.",
    "IST0175": "It is hardening against whoever may write RequestAuthentications; no request fails without it.",
    "KIA0104": "Which Host callers send, no object says; what no Host can be is MF604's.",
    "KIA0107": "It says that a principal is of another cluster, which is no problem.",
    "KIA0209": "A subset without labels selects all pods of the host, and is how a policy is given to some routes alone.",
    "KIA0212": "Waypoints look in their own namespace and the root namespace too; a rule that nobody finds is MF420's.",
    "KIA1006": "Such a Sidecar is for pods of the root namespace, as documented; MF405 reports one that selects none.",
    "KIA1211": "ServiceEntries of one host that agree are merged; those that do not are MF429's.",
    "KIA1301": "Where nobody denies by default, it would be said of nearly every workload; Kiali ignores it by default.",
    "KIA1501": "Each Gateway has pods and a Service of its own; where two share one, MF503 compares them.",
    "KIA1502": "Each Gateway has a Service of its own; an address that is taken shows in the status, which MF511 reads.",
    "KIA1701": "The machine's token is made for the ServiceAccount, so that whoever makes it is told at once.",
    "KIA1702": "WorkloadEntries of both groups stand side by side, and a Service may select those of both.",
}
"""The codes that no rule is to find, and why, in a sentence; `docs/parity.md` has the rest of the argument."""


class Status(StrEnum):
    """What there is for a code of another tool."""

    FOUND = "found"
    ARGUED = "argued"
    MISSING = "not yet"


class Coverage(Struct, frozen=True):
    """A code of another tool: its name there, the codes of the rules that find the same, and why none does."""

    code: str
    name: str
    tool: str
    status: Status
    rules: tuple[str, ...]
    reason: str


def coverage() -> tuple[Coverage, ...]:
    """Every code of the other tools, sorted."""
    tools = ((ISTIOCTL, "istioctl"), (KIALI, "Kiali"))
    return tuple(_row(code, name, tool) for names, tool in tools for code, name in names.items())


def _row(code: str, name: str, tool: str) -> Coverage:
    rules = tuple(rule.code for rule in RULES if code in rule.aliases)
    status = Status.FOUND if rules else Status.ARGUED if code in ARGUED else Status.MISSING
    return Coverage(code=code, name=name, tool=tool, status=status, rules=rules, reason="" if rules else ARGUED.get(code, ""))

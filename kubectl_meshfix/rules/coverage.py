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
    "IST0142": "Istio refuses no version of Kubernetes; which ones are tested, its support page says.",
    "IST0143": "istioctl never says it.",
    "IST0148": "It says that injection is on, which is no problem.",
    "IST0156": "It needs every CustomResourceDefinition, of which a cluster may have 100 MB; istiod logs it.",
    "IST0163": "The API server stores no webhook without a valid https URL or a Service.",
    "IST0164": "An IP address works where istiod's certificate is for it; MF309 and explain check the call.",
    "IST0168": "istioctl never says it.",
    "IST0169": "It is about upgrades from Istio 1.21 alone, for whoever asks with --from-version.",
    "IST0170": "It compares the Services of several clusters, and each cluster is checked by itself.",
    "IST0172": "It needs every CustomResourceDefinition, of which a cluster may have 100 MB; istiod logs it.",
    "IST0176": "It needs every CustomResourceDefinition, of which a cluster may have 100 MB; istiod logs it.",
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

"""Which objects make what a proxy refuses, where no EnvoyFilter does: those that Envoy's words lead to, and no guess.

Each sort of words is one that a real Envoy said to what istiod 1.31 had accepted.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from kubectl_meshfix.documents.pointer import join
from kubectl_meshfix.mesh import control_plane
from kubectl_meshfix.mesh.answers import Push
from kubectl_meshfix.mesh.envoy_words import Words
from kubectl_meshfix.mesh.selectors import is_subset
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.istio_networking.destinations import DestinationRule
from kubectl_meshfix.resources.istio_networking.routes import VirtualService
from kubectl_meshfix.resources.istio_policy import RequestAuthentication, Telemetry
from kubectl_meshfix.resources.kinds import Kind
from kubectl_meshfix.resources.meta import Ref
from kubectl_meshfix.resources.written import written
from kubectl_meshfix.traffic import registry
from kubectl_meshfix.traffic.destination.destination_rules import rules_of_pod
from kubectl_meshfix.traffic.in_force.patches import Reader

INPUTS: tuple[Kind, ...] = (
    kinds.DESTINATION_RULE,
    kinds.VIRTUAL_SERVICE,
    kinds.TELEMETRY,
    kinds.REQUEST_AUTHENTICATION,
    *registry.INPUTS,
    *registry.OPTIONAL,
)
"""Kinds that are looked at; any of them may be missing."""

_SHORTEST = 4
"""Characters of a text that is looked for in Envoy's words: shorter ones are in any."""

_OPERATOR = re.compile(r"%([A-Z][A-Z0-9_]+)")
_TAKEN = re.compile(r"duplicate address '\S*:(\d+)'")


class Maker(NamedTuple):
    """An object, the place in it, and what it has to do with what is refused: half a sentence after its name."""

    ref: Ref
    path: str
    why: str


def makers(mesh: Mesh, reader: Reader, push: Push, words: Words) -> tuple[Maker, ...]:
    """The objects that Envoy's words lead to, each once; none where they lead to none."""
    found = (item for look in _LOOKS.get(push.type, ()) for item in look(mesh, reader, words))
    return tuple({item.ref.key: item for item in found}.values())


def _destination_rules(mesh: Mesh, reader: Reader, words: Words) -> Iterator[Maker]:
    """The DestinationRules in force for every cluster that is named: what else makes a cluster is refused for others as well."""
    known = registry.registry(mesh).exact
    answers: list[dict[Ref, Maker]] = []
    for name in words.resources:
        direction, _, subset, host = (*name.split("|"), "", "", "")[:4]
        entry = next(iter(known.get(host, ())), None)
        if direction != "outbound" or entry is None:
            return
        rules = rules_of_pod(mesh, host, (reader.namespace, reader.labels), entry.namespace)
        if len(rules) > 1:  # nobody knows which of them
            return
        places = [(rule.ref, _place(rule, subset)) for rule in rules[0]]
        answers.append({ref: Maker(ref, path, f"is in force for {host}") for ref, path in places if path})
    if answers and all(answers):
        yield from (item for ref, item in answers[0].items() if all(ref in others for others in answers))


def _place(rule: DestinationRule, subset: str) -> str:
    """The policy of a rule that changes the cluster of a subset, or the whole host's where it is empty; empty where it has none."""
    for number, item in enumerate(rule.spec.subsets):
        if subset and item.name == subset and item.traffic_policy is not None:
            return join("spec", "subsets", number, "trafficPolicy")
    return "/spec/trafficPolicy" if rule.spec.traffic_policy is not None else ""


def _header_values(mesh: Mesh, _: Reader, words: Words) -> Iterator[Maker]:
    """VirtualServices that write the very text into a header, or the operator, that Envoy cannot read."""
    for ref, path, text in mesh.cached("operators in headers", _operators):
        if _is_said(text, words.text):
            yield Maker(ref, path, f'has the value "{text}" for a header')


def _operators(mesh: Mesh) -> tuple[tuple[Ref, str, str], ...]:
    """The values of headers that Envoy may take for a format, and their places."""
    return tuple(
        (obj.ref, path, text)
        for obj in mesh.all(VirtualService)
        for path, text in _texts(_spec(obj), "/spec")
        if "%" in text and "/headers/" in path
    )


def _is_said(value: str, text: str) -> bool:
    operators = [name for name in _OPERATOR.findall(value) if len(name) >= _SHORTEST]
    return (len(value) >= _SHORTEST and value in text) or any(re.search(rf"\b{name}\b", text) for name in operators)


def _expressions(mesh: Mesh, reader: Reader, words: Words) -> Iterator[Maker]:
    """Telemetries whose filters of access logs are expressions, of which Envoy cannot make one."""
    if "failed to create an expression" not in words.text:
        return
    for obj in _selecting(mesh, Telemetry, reader):
        for number, item in enumerate(_spec(obj).get("accessLogging") or ()):
            if isinstance(item, dict) and isinstance(item.get("filter"), dict):
                yield Maker(obj.ref, join("spec", "accessLogging", number, "filter", "expression"), "filters its access log")
                break


def _keys(mesh: Mesh, reader: Reader, words: Words) -> Iterator[Maker]:
    """RequestAuthentications that bring the keys which Envoy cannot read."""
    if "virtualInbound" not in words.resources or "local jwks" not in words.text:
        return
    for obj in _selecting(mesh, RequestAuthentication, reader):
        for number, rule in enumerate(_spec(obj).get("jwtRules") or ()):
            if isinstance(rule, dict) and rule.get("jwks"):
                yield Maker(obj.ref, join("spec", "jwtRules", number, "jwks"), "brings keys for tokens")
                break


def _ports(mesh: Mesh, _: Reader, words: Words) -> Iterator[Maker]:
    """What has a port that makes a listener on an address that another listener has."""
    taken = {int(port) for port in _TAKEN.findall(words.text)}
    for entries in registry.registry(mesh).exact.values() if taken else ():
        for entry in entries:
            for number, port in enumerate(entry.ports):
                if port.number in taken:
                    yield Maker(
                        entry.resource,
                        join("spec", "ports", number, "port" if entry.is_kubernetes else "number"),
                        f"has port {port.number}",
                    )


_Look = Callable[[Mesh, Reader, Words], Iterator[Maker]]
_LOOKS: Mapping[str, Sequence[_Look]] = {
    "CDS": (_destination_rules,),
    "RDS": (_header_values,),
    "LDS": (_expressions, _keys, _ports),
}


def _selecting(
    mesh: Mesh, struct: type[Telemetry] | type[RequestAuthentication], reader: Reader
) -> Iterator[Telemetry | RequestAuthentication]:
    """Those of the root namespace and of the proxy's own that select its labels."""
    for namespace in dict.fromkeys((control_plane.root_namespace(mesh), reader.namespace)):
        for obj in mesh.within(struct, namespace):
            if is_subset(obj.spec.selector.match_labels if obj.spec.selector else {}, reader.labels):
                yield obj


def _spec(obj: VirtualService | Telemetry | RequestAuthentication) -> dict[str, Any]:
    spec = (written(obj) or {}).get("spec")
    return spec if isinstance(spec, dict) else {}


def _texts(value: Any, path: str) -> Iterator[tuple[str, str]]:
    match value:
        case dict():
            for key, item in value.items():
                yield from _texts(item, path + join(str(key)))
        case list():
            for number, item in enumerate(value):
                yield from _texts(item, path + join(number))
        case str():
            yield path, value

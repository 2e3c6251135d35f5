"""What istiod drops where several DestinationRules of one namespace are for one host."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

import msgspec

from kubectl_meshfix.mesh.control_plane import REVISION_LABEL
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.istio_networking.destinations import DestinationRule
from kubectl_meshfix.traffic.destination.consolidated import Consolidated, exports_of, is_order_known
from kubectl_meshfix.traffic.destination.destination_rules import full_host, in_use
from kubectl_meshfix.traffic.export_to import EVERYWHERE, HERE, NOWHERE

TRAFFIC_POLICY = "trafficPolicy"


class Dropped(msgspec.Struct, frozen=True):
    """Parts of a rule that no proxy uses: their names and JSON pointers, and the rules whose parts are used instead.

    A part is the ``trafficPolicy``, or a subset by its name. ``is_order_known`` says whether it is known which rule is older.
    """

    rule: DestinationRule
    parts: tuple[tuple[str, str], ...]
    used: tuple[DestinationRule, ...]
    is_order_known: bool


def dropped(mesh: Mesh) -> Iterator[Dropped]:
    """The rules of which some part is used by nobody, because an older rule has the same (`destination_rule.go mergeDestinationRule`).

    Rules for several revisions of istiod are for different proxies, and are left alone.
    """
    mesh.require(kinds.DESTINATION_RULE)
    groups: dict[tuple[str, str], list[DestinationRule]] = defaultdict(list)
    for rule in mesh.all(DestinationRule):
        groups[rule.namespace, full_host(rule)].append(rule)
    for (_, host), rules in groups.items():
        if len(rules) > 1 and not any(REVISION_LABEL in rule.labels for rule in rules):
            yield from (
                item for item in _of_group(mesh, host, rules) if all(mesh.are_together(item.rule.ref, other.ref) for other in item.used)
            )


def _of_group(mesh: Mesh, host: str, rules: Sequence[DestinationRule]) -> Iterator[Dropped]:
    own = rules[0].namespace
    named = {name for rule in rules for name in exports_of(rule)} - {EVERYWHERE, HERE, NOWHERE}
    used: dict[tuple[int, str], None] = {}
    instead: dict[str, list[DestinationRule]] = defaultdict(list)
    for client in sorted({own, "", *named}):
        for item in in_use(mesh, host, client, own):
            is_of_group = item.rules[0].namespace == own and full_host(item.rules[0]) == host
            for part, rule in _first(item) if is_of_group else ():
                used[id(rule), part] = None
                instead[part].append(rule)
    is_known = is_order_known(rules)
    for rule in rules:
        lost = [(part, path) for part, path in _parts(rule) if (id(rule), part) not in used and part in instead]
        lost = [(part, path) for part, path in lost if not _is_alike(rule, part, instead[part])]
        if lost:
            rivals = {other.ref: other for part, _ in lost for other in instead[part]}
            yield Dropped(rule, tuple(lost), tuple(rivals.values()), is_known)


def _first(item: Consolidated) -> Iterator[tuple[str, DestinationRule]]:
    seen: set[str] = set()
    for rule in item.rules:
        for part, _ in _parts(rule):
            if part not in seen:
                seen.add(part)
                yield part, rule


def _parts(rule: DestinationRule) -> Iterator[tuple[str, str]]:
    if rule.spec.traffic_policy is not None:
        yield TRAFFIC_POLICY, "/spec/trafficPolicy"
    for i, subset in enumerate(rule.spec.subsets):
        yield f"subset {subset.name}", f"/spec/subsets/{i}"


def _is_alike(rule: DestinationRule, part: str, others: Sequence[DestinationRule]) -> bool:
    """Whether a subset is defined by the same labels alone in each rule that is used; policies are not compared."""
    mine = next((subset for subset in rule.spec.subsets if f"subset {subset.name}" == part), None)
    if mine is None or mine.traffic_policy:
        return False
    theirs = [subset for other in others for subset in other.spec.subsets if subset.name == mine.name]
    return all(subset.labels == mine.labels and not subset.traffic_policy for subset in theirs)

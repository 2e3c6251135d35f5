"""Load balancing by region and zone (`pkg/config/validation/agent/validation.go ValidateLocalityLbSetting`, `…ZoneAwareLbSetting`)."""

from collections.abc import Iterable

from kubectl_meshfix.documents.pointer import join
from kubectl_meshfix.validation.values.fields import entries, items, numbers, part, parts, text, texts
from kubectl_meshfix.validation.violation import Fields, Violation, Violations, warning

_TOPOLOGY = frozenset({"topology.kubernetes.io/region", "topology.kubernetes.io/zone", "topology.istio.io/subzone"})
_ANY = "*"


def locality_balancing(balancer: Fields, path: str) -> Violations:
    """The ``localityLbSetting`` of a load balancer, if there is any. ``path`` is the load balancer's.

    Whether it lacks outlier detection, of which istiod warns too, the defaults of the mesh decide; a rule of its own asks for that.
    """
    setting, place = part(balancer, "localityLbSetting"), f"{path}/localityLbSetting"
    if setting is None:
        return
    if items(setting, "distribute") and items(setting, "failover"):
        yield Violation(path=place, says="localityLbSetting has both distribute and failover, and only one can be set")
        return
    if items(setting, "failover"):
        for where, label in texts(setting, "failoverPriority", place):
            if label in _TOPOLOGY:
                yield Violation(path=where, says=f"failoverPriority has {label} beside failover, which orders the regions already")
    yield from _distribute(setting, place)
    yield from _failover(setting, place)


def zone_balancing(balancer: Fields, path: str, *, has_outlier: bool) -> Violations:
    """The ``zoneAwareLbSetting`` of a load balancer, if there is any. ``path`` is the load balancer's."""
    setting, place = part(balancer, "zoneAwareLbSetting"), f"{path}/zoneAwareLbSetting"
    for where, label in texts(setting, "failoverPriority", place):
        if label in _TOPOLOGY:
            yield Violation(
                path=where, says=f"failoverPriority has {label}, and zone-aware load balancing orders regions and zones by itself"
            )
    if setting is None:
        return
    if not has_outlier and (items(setting, "failover") or items(setting, "failoverPriority")):
        says = "failover is set without outlierDetection"
        yield warning(place, says, effect="Istio ignores failover without outlierDetection")
    yield from _failover(setting, place)


def _distribute(setting: Fields, path: str) -> Violations:
    for place, rule in parts(setting, "distribute", path):
        weights = [(where, weight) for where, _, weight in numbers(rule, "to", place)]
        wrong = [(where, weight) for where, weight in weights if not 1 <= weight <= 100]
        for where, weight in wrong:
            yield Violation(path=where, says=f"a locality's weight is {weight}, and a weight is 1 to 100")
        total = sum(weight for _, weight in weights)
        if not wrong and total != 100:
            yield Violation(
                path=f"{place}/to" if weights else place, says=f"the weights of distribute.to add up to {total}, and have to be 100"
            )
        yield from _apart((where, locality) for where, locality, _ in entries(rule, "to", place))
    yield from _apart(
        (f"{place}/from" if text(rule, "from") else place, text(rule, "from")) for place, rule in parts(setting, "distribute", path)
    )


def _failover(setting: Fields, path: str) -> Violations:
    for place, rule in parts(setting, "failover", path):
        start, end = text(rule, "from"), text(rule, "to")
        if start == end:
            yield Violation(path=place, says=f'failover goes from "{start}" to the same region')
        for name, region in (("from", start), ("to", end)):
            if "/" in region or _ANY in region:
                yield Violation(
                    path=place + join(name), says=f'failover.{name} is "{region}", and only names of regions are allowed, without / and *'
                )


def _apart(localities: Iterable[tuple[str, str]]) -> Violations:
    """Localities that are well formed, and of which none covers another that comes before (`validateLocalities`)."""
    seen: list[tuple[str, ...]] = []
    for path, locality in localities:
        words = tuple(locality.split("/", 2))
        if _ANY in locality and (locality.count(_ANY) > 1 or not locality.endswith(_ANY)):
            yield Violation(path=path, says=f'locality "{locality}" may have one *, at its end')
        elif not all(words):
            yield Violation(path=path, says=f'locality "{locality}" has an empty part; write REGION/ZONE/SUBZONE, REGION/ZONE or REGION')
        else:
            if any(_covers(other, words) for other in seen):
                yield Violation(path=path, says=f'locality "{locality}" overlaps with another one before it')
            seen.append(words)


def _covers(other: tuple[str, ...], words: tuple[str, ...]) -> bool:
    """Whether a locality that came before has what the next one names."""
    if other[0] == _ANY:
        return True
    if other[0] != words[0]:
        return False
    if len(words) == 1 or len(other) == 1 or other[1] == _ANY:
        return True
    if other[1] != words[1]:
        return False
    return len(words) == 2 or len(other) == 2 or other[2] in (_ANY, words[2])

"""Load balancing (`pkg/config/validation/validation.go validateLoadBalancer`)."""

from kubectl_meshfix.documents.pointer import join
from kubectl_meshfix.validation.policies.localities import locality_balancing, zone_balancing
from kubectl_meshfix.validation.values.durations import duration
from kubectl_meshfix.validation.values.fields import has, number, optional, part, parts, text
from kubectl_meshfix.validation.violation import Fields, Violation, Violations, warning

_LARGEST_TABLE = 5_000_011


def load_balancer(policy: Fields, path: str) -> Violations:
    """The ``loadBalancer`` of a policy, if there is any. ``path`` is the policy's."""
    balancer, place = part(policy, "loadBalancer"), f"{path}/loadBalancer"
    if balancer is None:
        return
    yield from _hash(part(balancer, "consistentHash"), f"{place}/consistentHash")
    if has(balancer, "localityLbSetting") and has(balancer, "zoneAwareLbSetting"):
        yield Violation(path=place, says="loadBalancer has both localityLbSetting and zoneAwareLbSetting, and only one can be set")
    has_outlier = part(policy, "outlierDetection") is not None
    yield from locality_balancing(balancer, place)
    yield from zone_balancing(balancer, place, has_outlier=has_outlier)
    yield from _warmup(part(balancer, "warmup"), f"{place}/warmup")


def is_prime(value: int) -> bool:
    """Whether Envoy takes a number for a prime (`source/common/common/utility.cc`): 1 is one for it, 0 is not."""
    if 0 < value < 4:
        return True
    return value % 2 == 1 and value > 0 and all(value % factor for factor in range(3, int(value**0.5) + 1, 2))


def _hash(hashing: Fields | None, path: str) -> Violations:
    yield from _cookie(part(hashing, "httpCookie"), f"{path}/httpCookie")
    if number(hashing, "minimumRingSize"):
        place = f"{path}/minimumRingSize"
        yield warning(place, "consistentHash.minimumRingSize is deprecated; write ringHash.minimumRingSize")
        if has(hashing, "ringHash", "maglev"):
            yield Violation(path=place, says="minimumRingSize is set beside ringHash or maglev, and only one can be set")
    maglev, place = part(hashing, "maglev"), f"{path}/maglev"
    if maglev is None:
        return
    size = int(number(maglev, "tableSize"))
    if not size:
        yield Violation(path=place, says="maglev has no tableSize; write a prime number less than 5000011")
    elif size >= _LARGEST_TABLE or not is_prime(size):
        yield Violation(path=f"{place}/tableSize", says=f"tableSize is {size}, and has to be a prime number less than {_LARGEST_TABLE}")


def _cookie(cookie: Fields | None, path: str) -> Violations:
    if cookie is not None and not text(cookie, "name"):
        yield Violation(path=path, says="httpCookie has no name")
    seen: set[str] = set()
    for place, attribute in parts(cookie, "attributes", path):
        name = text(attribute, "name")
        if not name:
            yield Violation(path=place, says="an attribute of httpCookie has no name")
        elif name in seen:
            yield Violation(path=f"{place}/name", says=f'httpCookie has the attribute "{name}" twice')
        seen.add(name)


def _warmup(warmup: Fields | None, path: str) -> Violations:
    if warmup is None:
        return
    if not has(warmup, "duration"):
        yield Violation(path=path, says="warmup has no duration")
    yield from duration(warmup, "duration", path)
    least, aggression = optional(warmup, "minimumPercent"), optional(warmup, "aggression")
    if least is not None and least > 100:
        yield Violation(path=path + join("minimumPercent"), says=f"minimumPercent is {least}, and 100 is the most")
    if aggression is not None and aggression <= 0:
        yield Violation(path=path + join("aggression"), says=f"aggression is {aggression}, and has to be more than 0")

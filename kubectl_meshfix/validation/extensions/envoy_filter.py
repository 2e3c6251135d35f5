"""What istiod's webhook says of an EnvoyFilter (`pkg/config/validation/envoyfilter/envoyfilter.go`).

Left out are its warning on every EnvoyFilter, that Envoy's configuration may change at any time, and what rules about EnvoyFilters say with
its consequence: retired names of filters, types of Envoy's API v2, and filters without a type.
"""

from collections.abc import Mapping

from kubectl_meshfix.resources.re2.flaws import flaw
from kubectl_meshfix.validation.extensions.matches import matched
from kubectl_meshfix.validation.extensions.patches import value_of
from kubectl_meshfix.validation.values.annotations import annotations
from kubectl_meshfix.validation.values.fields import part, parts, text
from kubectl_meshfix.validation.values.labels import selector
from kubectl_meshfix.validation.violation import Fields, Violation, Violations, warning

_LONGEST_VERSION = 1024
_UNSET = ("", "INVALID")


def violations(spec: Fields, metadata: Fields) -> Violations:
    """All that is refused and warned of in an EnvoyFilter. Patches of waypoints are not checked, as istiod does not check them."""
    yield from annotations(metadata)
    effect = "It is for all workloads of the namespace"
    yield from selector(spec, "workloadSelector", "/spec", map_name="labels", effect=effect)
    for path, change in parts(spec, "configPatches", "/spec"):
        if text(part(change, "match"), "context") != "WAYPOINT":
            yield from _change(change, path)


def _change(change: Fields, path: str) -> Violations:
    """One patch. Of one that lacks something no more is said."""
    kind, patch, match = text(change, "applyTo"), part(change, "patch"), part(change, "match")
    operation = text(patch, "operation")
    if kind in _UNSET:
        yield Violation(path=f"{path}/applyTo" if kind else path, says="a patch has no applyTo, and it has to say what it is for")
    elif patch is None:
        yield Violation(path=path, says="an entry of configPatches has no patch")
    elif operation in _UNSET:
        yield Violation(path=f"{path}/patch/operation" if operation else f"{path}/patch", says="a patch has no operation")
    elif operation != "REMOVE" and not isinstance(patch.get("value"), Mapping):
        yield Violation(path=f"{path}/patch", says=f"a patch has no value, and {operation} needs one")
    else:
        yield from _version(part(match, "proxy"), f"{path}/match/proxy")
        yield from matched(kind, match or {}, f"{path}/match")
        value = part(patch, "value")
        if value is not None:
            yield from value_of(kind, value, f"{path}/patch/value")


def _version(proxy: Fields | None, path: str) -> Violations:
    pattern, place = text(proxy, "proxyVersion"), f"{path}/proxyVersion"
    if len(pattern.encode()) > _LONGEST_VERSION:
        yield warning(place, f"proxyVersion has more than {_LONGEST_VERSION} letters", effect="Istio ignores it")
    elif pattern and (unlike := flaw(pattern)):
        yield Violation(path=place, says=f'proxyVersion "{pattern}" is no regular expression of RE2: {unlike}')

"""What istiod's webhook says of a DestinationRule (`pkg/config/validation/validation.go ValidateDestinationRule`)."""

from kubectl_meshfix.validation.values import hosts
from kubectl_meshfix.validation.values.annotations import annotations
from kubectl_meshfix.validation.values.exports import exports
from kubectl_meshfix.validation.values.fields import part, parts, text
from kubectl_meshfix.validation.values.labels import labels, selector
from kubectl_meshfix.validation.values.subset_names import subset_name
from kubectl_meshfix.validation.violation import Fields, Violation, Violations, refusals


def violations(spec: Fields, metadata: Fields) -> Violations:
    """All that is refused and warned of in a DestinationRule."""
    yield from annotations(metadata)
    host, namespace = text(spec, "host"), text(metadata, "namespace")
    yield from hosts.wildcard("host", host, "/spec/host" if host else "/spec")
    yield from _policy(spec, "/spec", namespace)
    seen: set[str] = set()
    for path, subset in parts(spec, "subsets", "/spec"):
        name = text(subset, "name")
        if name and name in seen:
            yield Violation(path=f"{path}/name", says=f'two subsets are named "{name}"')
        seen.add(name)
        yield from subset_name("name", name, f"{path}/name" if name else path)
        yield from labels(subset, "labels", path)
        yield from refusals(_policy(subset, path, namespace))
    is_for_workloads = part(spec, "workloadSelector") is not None
    yield from exports(spec, metadata, is_for_workloads=is_for_workloads)
    yield from selector(spec, "workloadSelector", "/spec", map_name="matchLabels", effect="")


def _policy(fields: Fields, path: str, namespace: str) -> Violations:
    if part(fields, "trafficPolicy") is not None:
        from kubectl_meshfix.validation.policies.traffic_policy import traffic_policy  # noqa: PLC0415 -- many rules define subsets alone

        yield from traffic_policy(fields, path, namespace)

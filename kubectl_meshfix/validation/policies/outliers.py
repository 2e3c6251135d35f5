"""Outlier detection (`pkg/config/validation/validation.go validateOutlierDetection`)."""

from kubectl_meshfix.documents.pointer import join
from kubectl_meshfix.validation.values.durations import duration
from kubectl_meshfix.validation.values.fields import is_true, number, part
from kubectl_meshfix.validation.violation import Fields, Violation, Violations, warning


def outlier_detection(policy: Fields, path: str) -> Violations:
    """The ``outlierDetection`` of a policy, if there is any. ``path`` is the policy's."""
    outlier, place = part(policy, "outlierDetection"), f"{path}/outlierDetection"
    yield from duration(outlier, "baseEjectionTime", place)
    if number(outlier, "consecutiveErrors"):
        says = "consecutiveErrors is deprecated; write consecutiveGatewayErrors or consecutive5xxErrors"
        yield warning(f"{place}/consecutiveErrors", says, effect="Istio ignores it", removes=True)
    if number(outlier, "consecutiveLocalOriginFailures") and not is_true(outlier, "splitExternalLocalOriginErrors"):
        says = "consecutiveLocalOriginFailures is set, and counts only with splitExternalLocalOriginErrors: true"
        yield Violation(path=f"{place}/consecutiveLocalOriginFailures", says=says)
    yield from duration(outlier, "interval", place)
    for name in ("maxEjectionPercent", "minHealthPercent"):
        value = number(outlier, name)
        if not 0 <= value <= 100:
            yield Violation(path=place + join(name), says=f"{name} is {value}, and a percentage is 0 to 100")

"""MF311: what is said of the value of an annotation, by the object that it is on and by what becomes of its pods."""

from collections.abc import Mapping

import pytest

from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.meta import Object
from kubectl_meshfix.rules.injection import invalid_annotation
from kubectl_meshfix.rules.rule import Severity
from tests.injection.installations import INSTALLATIONS, namespace
from tests.injection.scenes import answered
from tests.rules.asking import asked
from tests.rules.injection.test_annotated_objects import CPU, ENABLED, LOG, on, pods

INVALID, CONFIG = invalid_annotation.RULE, "proxy.istio.io/config"
NEXT = "0123456789"
EFFECT = "The proxy does not start."
LEVELS = "trace, debug, info, warning, error, critical or off"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("loud", '"loud", not'),
        (NEXT * 3, f'"{NEXT * 3}", not'),
        (f"{NEXT * 3}1", "not"),
        ("loud\n", "not"),
    ],
)
def test_short_values_are_shown(value: str, shown: str) -> None:
    """Thirty characters of one line, and no more."""
    (found,) = asked(INVALID, Mesh((*INSTALLATIONS["default"], namespace("shop", ENABLED), pods({LOG: value}))))

    assert found.message == f"{LOG} is {shown} {LEVELS}. {EFFECT}"


REFUSED, CANNOT, MAY_BE = "No new pod is created.", "Pods with it cannot get a sidecar.", "New pods may be refused."
INTERFACES = "istio.io/reroute-virtual-interfaces"


@pytest.mark.parametrize(
    ("obj", "labels", "live", "effect", "severity"),
    [
        (pods({CPU: "many"}), ENABLED, True, REFUSED, Severity.ERROR),
        (pods({CPU: "many"}), {}, True, CANNOT, Severity.INFO),
        (pods({CPU: "many"}), ENABLED, False, REFUSED, Severity.ERROR),
        (on("Pod", {CPU: "many"}), ENABLED, True, CANNOT, Severity.INFO),
        (on("Pod", {CPU: "many"}), ENABLED, False, REFUSED, Severity.ERROR),
        (pods({INTERFACES: "0"}), ENABLED, True, MAY_BE, Severity.WARNING),
        (pods({LOG: "loud"}), ENABLED, True, EFFECT, Severity.ERROR),
        (pods({LOG: "loud"}), {}, True, EFFECT, Severity.WARNING),
        (pods({CONFIG: "{concurrency: x}"}), ENABLED, True, REFUSED, Severity.ERROR),
    ],
)
def test_what_a_refused_value_brings_about(obj: Object, labels: Mapping[str, str], live: bool, effect: str, severity: Severity) -> None:
    """New pods of the mesh are not created; a pod that runs without a sidecar was, and only its successor gets none either."""
    given = (*INSTALLATIONS["default"], namespace("shop", labels), obj)
    (found,) = asked(INVALID, Mesh(answered(given) if live else given, live=live))

    assert found.message.endswith(f". {effect}")
    assert found.severity is severity


@pytest.mark.parametrize(
    "obj",
    [
        on("Deployment", {LOG: "loud"}),
        on("Deployment", {CONFIG: "{concurrency: x}"}),
        on("Deployment", {CPU: "many"}),
        on("Service", {LOG: "loud"}),
        pods({LOG: "{{ .Values.level }}"}),
        pods({CPU: "500m", LOG: "debug", CONFIG: "{concurrency: 2}"}),
    ],
)
def test_values_that_nobody_reads_are_not_judged(obj: Object) -> None:
    """An annotation that is not read where it is has another finding; one that is still to be filled in may become right."""
    assert not asked(INVALID, Mesh((*INSTALLATIONS["default"], namespace("shop", ENABLED), obj)))

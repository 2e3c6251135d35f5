"""Rules about what stands in an object, where their pages' examples do not reach."""

import pytest

from kubectl_meshfix.engine import diagnose
from kubectl_meshfix.fixes.fix import Fix, Safety
from kubectl_meshfix.report import Diagnosis
from kubectl_meshfix.rules import RULES
from kubectl_meshfix.sources.manifest_meshes import from_texts

ROUTES = """\
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: cart}
spec: {%s, hosts: [cart], http: [{redirect: {uri: /}}]}
"""

POD = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart}
spec:
  selector: {matchLabels: {app: cart}}
  template:
    metadata: {labels: {app: cart}, annotations: {%s}}
    spec: {containers: [{name: main, image: main}]}
"""


def found(code: str, text: str) -> list[Diagnosis]:
    """What a rule finds in one file."""
    rules = [rule for rule in RULES if rule.code == code]
    return list(diagnose(from_texts({"a.yaml": text})[0], rules).findings)


def test_an_unknown_field_is_told_whatever_will_be_filled_in() -> None:
    """A placeholder may become any value, and its field stays unknown; a value of a known field is not judged before it is filled in."""
    assert [row.path for row in found("MF003", ROUTES % "hostz: '${HOSTS}'")] == ["/spec/hostz"]
    assert not found("MF003", ROUTES % "exportTo: '${NAMESPACES}'")


@pytest.mark.parametrize(("value", "safety"), [("nothing", Safety.MANUAL), ("3306", Safety.UNSAFE)])
def test_a_name_is_corrected_where_its_value_will_do(value: str, safety: Safety) -> None:
    """With the right name Istio would refuse a wrong value, and with it the pod."""
    (row,) = found("MF313", POD % f"sidecar.istio.io/excludeOutboundPorts: '{value}'")
    assert isinstance(row.fix, Fix)
    assert row.fix.safety is safety

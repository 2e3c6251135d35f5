"""One fault gets one fix, and what is left to people can be pasted."""

import re
from itertools import combinations
from pathlib import Path

import pytest

from kubectl_meshfix.engine import diagnose
from kubectl_meshfix.fixes.fix import Safety
from kubectl_meshfix.fixes.plan import Proposal, make_plan
from kubectl_meshfix.report import Diagnosis
from kubectl_meshfix.rules import RULES
from kubectl_meshfix.sources.manifest_meshes import from_texts
from kubectl_meshfix.targets.files import patched_texts, prepare
from tests.rules.offers import SCENES, Scene
from tests.rules.pages import ALL, FILE

EXAMPLES = Path(__file__).parent.parent.parent / "examples"

JOB = """
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: istiod, namespace: istio-system, labels: {app: istiod, istio: pilot}}
spec:
  selector: {matchLabels: {istio: pilot}}
  template:
    metadata: {labels: {app: istiod, istio: pilot}}
    spec: {containers: [{name: discovery, image: "istio/pilot:1.26.2"}]}
---
apiVersion: batch/v1
kind: Job
metadata: {name: import, namespace: shop}
spec:
  template:
    metadata:
      labels: {app: import}
      annotations: {istio-injection: disabled}
    spec: {restartPolicy: Never, containers: [{name: import, image: "import:1"}]}
"""

PORTS = """
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}
---
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop}
spec: {selector: {app: cart}, ports: [{name: http, port: 80, targetPort: 8080}]}
---
apiVersion: v1
kind: Service
metadata: {name: cart-internal, namespace: shop}
spec: {selector: {app: cart}, ports: [{port: 80, targetPort: 8080}, {name: udp-x, port: 81, targetPort: 8080}]}
---
apiVersion: v1
kind: Service
metadata: {name: cart-old, namespace: shop}
spec: {selector: {app: cart}, ports: [{name: tcp-x, port: 80, targetPort: 8080}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  template:
    metadata: {labels: {app: cart, version: v1}}
    spec: {containers: [{name: cart, image: "cart:1", ports: [{containerPort: 8080}]}]}
"""

TEXTS: dict[str, dict[str, str]] = {
    **{str(example): {FILE: example.text, **example.beside} for example in ALL if example.what == "bad"},
    "all examples together": {str(path): path.read_text(encoding="utf-8") for path in sorted(EXAMPLES.rglob("*.yaml"))},
    "a Job that asks for no sidecar where nobody reads it": {FILE: JOB},
    "a shared port of many words": {FILE: PORTS},
}


def found(texts: dict[str, str]) -> list[Diagnosis]:
    """What all rules find in manifests."""
    return list(diagnose(from_texts(texts)[0], RULES).active)


def place(row: Diagnosis) -> tuple[str, str, str]:
    """A finding without its words."""
    return row.code, str(row.resource), row.path


def fixed(row: Diagnosis, texts: dict[str, str]) -> dict[str, str]:
    """The manifests after the fix of one finding."""
    assert row.fix
    manifests = from_texts(texts)[1]
    edits = prepare(make_plan([Proposal(code=row.code, resource=row.resource, fix=row.fix)], frozenset(Safety)), manifests)
    assert not edits.refusals
    return {**texts, **patched_texts(edits, manifests)}


@pytest.mark.parametrize("texts", TEXTS.values(), ids=TEXTS)
def test_no_fix_heals_what_another_fix_heals(texts: dict[str, str]) -> None:
    """Where two rules would mend one thing, one stands back: after each fix alone, every finding that has another fix is still there."""
    rows = [row for row in found(texts) if row.fix and row.fix.patches]

    for row in rows if len(rows) > 1 else ():
        left = {place(other) for other in found(fixed(row, texts))}
        healed = [place(other) for other in rows if place(other) != place(row) and place(other) not in left]

        assert not healed, f"{place(row)} heals them too: {healed}"


@pytest.mark.parametrize("texts", TEXTS.values(), ids=TEXTS)
def test_no_two_fixes_write_at_one_place(texts: dict[str, str]) -> None:
    """Two fixes may create one missing map with a key each, or edit one text in two places; no value is written by two."""
    rows = [row for row in found(texts) if row.fix and row.fix.patches]

    for one, other in combinations(rows, 2):
        both = set(written(one)) & set(written(other))

        assert not both, f"{place(one)} and {place(other)} both write {both}"


def written(row: Diagnosis) -> list[tuple[str, str]]:
    """Each value that a fix writes: the object and the pointer of a value that is no map, no text of many lines and no item added."""
    assert row.fix
    return [
        (str(patch.resource), f"{operation.path}{rest}")
        for patch in row.fix.patches
        for operation in patch.operations
        if operation.op != "test" and not operation.path.endswith("/-") and "\n" not in str(operation.value)
        for rest in leaves(operation.value)
    ]


def leaves(value: object) -> list[str]:
    """The pointers of all values in a map, or of the value itself."""
    if not isinstance(value, dict):
        return [""]
    return [f"/{key}{rest}" for key, item in value.items() for rest in leaves(item)]


HARMLESS = (
    re.compile(r"(kubectl|istioctl|oc) (get|describe|explain|edit|logs|version|analyze|tag list|tag generate)\b"),
    re.compile(r"kubectl exec .* pilot-agent request POST quitquitquit"),
    re.compile(r"(kubectl|oc) (rollout|argo rollouts) (restart|latest|status)\b"),
    re.compile(r".*--dry-run=(client|server)\b"),
    re.compile(r"helm upgrade .*"),
    re.compile(r"kubectl meshfix (trace|explain|diagnose) "),
    re.compile(r"""echo '\{[^']*"kind":"ReferenceGrant"[^']*\}' \| kubectl apply -f -$"""),
)
"""Commands that change nothing without asking, end what has done its work, or do what the text above them says and nothing else."""

PLACEHOLDER = re.compile(r"\b[A-Z]{4,}\b")


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.key)
def test_commands_by_hand_hold_no_guess(scene: Scene) -> None:
    """A command beside a fix that is left to a person only looks, or has a placeholder in capitals for what the person has to know."""
    for command in (command for row in scene.findings if row.fix and row.fix.safety is Safety.MANUAL for command in row.fix.commands):
        removed = command.removeprefix("kubectl delete ")  # a webhook that leads nowhere, and is read to lead nowhere
        is_left_over = any(
            row.resource.kind.endswith("WebhookConfiguration") and f"{row.resource.kind.lower()} {row.resource.name}" == removed
            for row in scene.findings
        )
        assert PLACEHOLDER.search(command) or is_left_over or any(pattern.match(command) for pattern in HARMLESS), command

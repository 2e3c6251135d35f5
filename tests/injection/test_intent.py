"""What labels refuse and ask for, and the risks of changing them."""

import pytest

from kubectl_meshfix.injection import risks
from kubectl_meshfix.injection.apiserver.default_webhooks import selectors
from kubectl_meshfix.injection.intent import inject_value, is_namespace_refused, is_namespace_wanted, is_refused
from kubectl_meshfix.resources.core import PodTemplate
from kubectl_meshfix.resources.meta import Meta

INJECT, REVISION, MODE, INJECTION = "sidecar.istio.io/inject", "istio.io/rev", "istio.io/dataplane-mode", "istio-injection"
OUT = {INJECTION: "disabled"}


@pytest.mark.parametrize(
    ("namespace", "labels", "annotations", "refused"),
    [
        ({}, {}, {}, False),
        (OUT, {}, {}, True),
        ({INJECTION: "enabled"}, {}, {}, False),
        (OUT, {INJECT: "true"}, {}, False),
        ({}, {INJECT: "false"}, {}, True),
        ({}, {INJECT: "False"}, {}, True),
        ({}, {}, {INJECT: "false"}, True),
        (OUT, {}, {INJECT: "true"}, False),
        (OUT, {INJECT: "maybe"}, {}, True),
        (OUT, {INJECT: ""}, {INJECT: "true"}, True),
        (OUT, {REVISION: "r1"}, {}, False),
        (OUT, {REVISION: ""}, {}, True),
        (OUT, {MODE: "ambient"}, {}, False),
        (OUT, {MODE: "none"}, {}, True),
        ({}, {MODE: "none"}, {}, True),
        ({}, {MODE: "none", REVISION: "r1"}, {}, True),
        ({**OUT, MODE: "ambient"}, {}, {}, False),
        ({**OUT, MODE: "none"}, {}, {}, True),
    ],
)
def test_what_keeps_a_pod_out(namespace: dict[str, str], labels: dict[str, str], annotations: dict[str, str], refused: bool) -> None:
    """A pod's own word goes before its namespace's: for injection, then for ambient or a revision."""
    assert is_refused(namespace, PodTemplate(metadata=Meta(labels=labels, annotations=annotations))) is refused


@pytest.mark.parametrize(
    ("value", "wanted", "refused"),
    [
        *((value, True, False) for value in ("enabled", "enable", "true", "yes", "on", "Enabled", "TRUE")),
        *((value, False, True) for value in ("disabled", "disable", "false", "no", "off", "Disabled", "OFF")),
        *((value, False, False) for value in ("", "1", "maybe")),
    ],
)
def test_words_for_yes_and_no(value: str, wanted: bool, refused: bool) -> None:
    """Whether Istio hears them or not, people mean something by them."""
    assert (is_namespace_wanted({INJECTION: value}), is_namespace_refused({INJECTION: value})) == (wanted, refused)


def test_a_label_goes_before_an_annotation() -> None:
    """Even an empty one, and it is said which of the two it is."""
    both = PodTemplate(metadata=Meta(labels={INJECT: ""}, annotations={INJECT: "true"}))
    one = PodTemplate(metadata=Meta(annotations={INJECT: "true"}))

    assert (inject_value(both), inject_value(one), inject_value(PodTemplate())) == (
        ("", "label"),
        ("true", "annotation"),
        ("", "annotation"),
    )


@pytest.mark.parametrize(
    ("ambient", "enters", "of_namespace", "of_pod"),
    [
        (
            True,
            True,
            "Running pods enter ambient mode at once: ztunnel carries their traffic.",
            "Its new pods enter ambient mode: ztunnel carries their traffic.",
        ),
        (
            True,
            False,
            "Running pods leave ambient mode at once: servers with STRICT mTLS refuse their calls.",
            "Its new pods are not in ambient mode: servers with STRICT mTLS refuse their calls.",
        ),
        (
            False,
            True,
            "New pods get a sidecar: the mesh's mTLS, routes and policies begin to apply to their traffic.",
            "Its new pods get a sidecar: the mesh's mTLS, routes and policies begin to apply to their traffic.",
        ),
        (
            False,
            False,
            "New pods get no sidecar: servers with STRICT mTLS refuse their calls.",
            "Its new pods get no sidecar: servers with STRICT mTLS refuse their calls.",
        ),
    ],
)
def test_the_risk_of_a_label(ambient: bool, enters: bool, of_namespace: str, of_pod: str) -> None:
    """Ambient's label holds for running pods at once where it is the namespace's; injection's only for new pods."""
    assert risks.of_namespace_label(is_ambient=ambient, enters=enters) == of_namespace
    assert risks.of_pod_label(is_ambient=ambient, enters=enters) == of_pod


@pytest.mark.parametrize(
    ("default", "everywhere", "prefixes"),
    [
        (False, False, ["rev.namespace", "rev.object"]),
        (False, True, ["rev.namespace", "rev.object"]),
        (True, False, ["rev.namespace", "rev.object", "namespace", "object"]),
        (True, True, ["rev.namespace", "rev.object", "namespace", "object", "auto"]),
    ],
)
def test_the_charts_webhooks(default: bool, everywhere: bool, prefixes: list[str]) -> None:
    """Only the default revision answers to istio-injection, and takes namespaces without labels."""
    assert [prefix for prefix, _, _ in selectors("r1", is_default=default, every_namespace=everywhere)] == prefixes

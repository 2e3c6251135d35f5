"""The API server's words for a pod that was not created, and what they are taken to mean."""

import pytest

from kubectl_meshfix.injection.kubelet import read_refusal
from kubectl_meshfix.injection.kubelet.admission_errors_table import CALLS, DENIALS, OTHERS
from kubectl_meshfix.injection.kubelet.policy_words import EXEMPTION, NO_INIT_CONTAINER, NOT_ISTIO
from tests.injection.scenes import CALL, WEBHOOK

LONGEST = 160
"""Characters of an advice, which is the fix of a finding too."""


def test_advice_is_short() -> None:
    """Whatever is advised fits into a finding."""
    rows = [row for _, row in (*CALLS, *DENIALS, *OTHERS)]
    texts = [*(row.advice for row in rows), *(row.plain[1] for row in rows if row.plain), EXEMPTION, NO_INIT_CONTAINER, NOT_ISTIO]

    assert [text for text in texts if len(text) > LONGEST or not text.endswith(".")] == []


@pytest.mark.parametrize(
    ("message", "advice"),
    [
        ('admission webhook "validation.gatekeeper.sh" denied the request: [caps] container <istio-init> is bad', NO_INIT_CONTAINER),
        ('admission webhook "validate.kyverno.svc" denied the request: policy Pod/shop/cart: NET_ADMIN is not allowed', NO_INIT_CONTAINER),
        ("ValidatingAdmissionPolicy 'a' with binding 'b' denied request: istio-validation has no tag", EXEMPTION),
        ("ValidatingAdmissionPolicy 'a' with binding 'b' denied request: runAsUser 1337 is too low", EXEMPTION),
        ('admission webhook "validation.gatekeeper.sh" denied the request: [tags] container <cart> has no tag', NOT_ISTIO),
        ('admission webhook "x.example.com" denied the request: user 13370 in my-istio-initial', NOT_ISTIO),
    ],
)
def test_a_policy_that_names_what_injection_adds_has_istios_cure(message: str, advice: str) -> None:
    """Containers, capabilities and the user of injection are known by their names, as whole words."""
    found = read_refusal(message)

    assert found.advice == advice
    assert found.is_about_injection is (advice != NOT_ISTIO)


def test_a_pod_without_a_sidecar_owes_nothing_to_injection() -> None:
    """What is refused of a pod that is not injected is the pod's own, though it have the same name."""
    policy = 'admission webhook "validation.gatekeeper.sh" denied the request: NET_ADMIN is not allowed'

    for message in (policy, "exceeded quota: small", 'violates PodSecurity "baseline": NET_ADMIN', "maximum cpu usage per Pod is 1"):
        assert read_refusal(message).is_about_injection
        assert not read_refusal(message, is_injected=False).is_about_injection


@pytest.mark.parametrize(
    ("message", "is_injected", "expected"),
    [
        ("container istio-proxy is too large", True, (True, False)),
        ("container istio-init is too large", True, (True, True)),
        ("NET_ADMIN is too much", True, (True, True)),
        ("container cart is too large", True, (False, False)),
        ("NET_ADMIN is too much", False, (False, False)),
        ('error looking up service account shop/cart: serviceaccount "cart" not found', True, (False, False)),
        ('error looking up service account shop/istio-proxy: serviceaccount "istio-proxy" not found', True, (True, False)),
        ("exceeded quota: small", True, (True, False)),
        ('Duplicate value: "istio-init"', False, (True, False)),
    ],
)
def test_words_that_nobody_knows_are_about_what_they_name(message: str, is_injected: bool, expected: tuple[bool, bool]) -> None:
    """About injection where they name what it adds to the pod, about istio-init where they name that or its capabilities."""
    found = read_refusal(message, is_injected=is_injected)

    assert (found.is_about_injection, found.is_about_init) == expected
    assert not (found.is_about_injection and "not the cause" in found.advice)


def test_a_failed_call_names_its_webhook_and_service() -> None:
    """Whose call failed is read from the words, for the injector's webhooks alone."""
    ours, other = read_refusal(CALL + "connection refused"), read_refusal('failed calling webhook "x.example.com": connection refused')

    assert (ours.webhook, ours.host) == (WEBHOOK, "istiod.istio-system.svc")
    assert (other.webhook, other.host) == ("", "")

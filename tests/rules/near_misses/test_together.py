"""Objects of which only one is there at a time hide nothing of each other."""

import pytest

from kubectl_meshfix.rules.destinations import hidden_serviceentry, rival_sidecars
from kubectl_meshfix.rules.extensions import telemetry_overridden
from kubectl_meshfix.rules.gateways import gateway_server_ignored, shared_gateway_certificate
from kubectl_meshfix.rules.policy import hidden_peer_authentication
from kubectl_meshfix.rules.rule import Rule
from tests.rules.near_misses.scenes import changed, example, said

TWO_HOSTS = example(gateway_server_ignored.RULE, "two servers with one host")
SECOND = "  - port:\n      number: 443\n      name: https-stock\n"
OTHER = """---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: stock, namespace: ingress}
spec:
  selector: {istio: public-gateway}
  servers:
"""


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (hidden_serviceentry.RULE, example(hidden_serviceentry.RULE, "a private one for port 80")),
        (hidden_serviceentry.RULE, example(hidden_serviceentry.RULE, "two protocols")),
        (rival_sidecars.RULE, example(rival_sidecars.RULE, "two for one workload")),
        (rival_sidecars.RULE, example(rival_sidecars.RULE, "two for the namespace")),
        (telemetry_overridden.RULE, example(telemetry_overridden.RULE, "two for one namespace")),
        (telemetry_overridden.RULE, example(telemetry_overridden.RULE, "two for one workload")),
        (gateway_server_ignored.RULE, TWO_HOSTS),
        (gateway_server_ignored.RULE, changed(TWO_HOSTS, ("    - shop.example.com\n    tls", "    - ./shop.example.com\n    tls"))),
        (
            shared_gateway_certificate.RULE,
            changed(example(shared_gateway_certificate.RULE, "two servers, one wildcard certificate"), (SECOND, OTHER + SECOND)),
        ),
        (hidden_peer_authentication.RULE, example(hidden_peer_authentication.RULE, "two for a namespace")),
        (hidden_peer_authentication.RULE, example(hidden_peer_authentication.RULE, "two for the same pods")),
    ],
)
def test_alternatives_are_not_compared(rule: Rule, text: str) -> None:
    """What lies in one of a tutorial's files is not applied beside what lies in another."""
    found = said(rule, text)
    assert found
    assert not said(rule, text, alternatives=[found[0].resource])


def test_what_has_no_effect_by_itself_is_told_in_any_file() -> None:
    """A selector in the root namespace needs no other object to be in vain."""
    text = example(hidden_peer_authentication.RULE, "a selector in the root namespace")
    (found,) = said(hidden_peer_authentication.RULE, text)
    assert said(hidden_peer_authentication.RULE, text, alternatives=[found.resource]) == [found]

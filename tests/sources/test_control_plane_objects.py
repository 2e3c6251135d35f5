"""What is read by name: the configuration of each istiod, and the endpoints behind its webhooks."""

from typing import Any

import msgspec
import pytest

from kubectl_meshfix.mesh.coverage import Coverage, Refused
from kubectl_meshfix.resources.admission import MutatingWebhookConfiguration, ValidatingWebhookConfiguration, WebhookConfiguration
from kubectl_meshfix.sources.control_plane_objects import backends, config_map_names, read_config_maps, read_endpoints
from tests.sources.served import Served, named

INJECTOR, VALIDATOR = "rev.namespace.sidecar-injector.istio.io", "rev.validation.istio.io"


def webhook(name: str, namespace: str = "", service: str = "istiod") -> dict[str, Any]:
    """A webhook that calls a Service, or a URL where there is no namespace."""
    return {"name": name, "clientConfig": {"service": {"namespace": namespace, "name": service}} if namespace else {"url": "https://x"}}


def configuration(*webhooks: dict[str, Any], revision: str = "", validates: bool = False) -> WebhookConfiguration:
    """A webhook configuration."""
    value = named("a", labels={"istio.io/rev": revision} if revision else {}, webhooks=list(webhooks))
    return msgspec.convert(value, ValidatingWebhookConfiguration) if validates else msgspec.convert(value, MutatingWebhookConfiguration)


@pytest.mark.parametrize(
    ("configurations", "services"),
    [
        ([], ()),
        ([configuration(webhook(INJECTOR, "istio-system"))], (("istio-system", "istiod"),)),
        ([configuration(webhook(VALIDATOR, "istio-system"), validates=True)], (("istio-system", "istiod"),)),
        ([configuration(webhook("policy.example.com", "policies"))], ()),
        ([configuration(webhook(INJECTOR))], ()),
        (
            [
                configuration(webhook(INJECTOR, "b"), webhook("policy.example.com", "c"), webhook(INJECTOR, "a", "istiod-canary")),
                configuration(webhook(VALIDATOR, "b"), validates=True),
            ],
            (("a", "istiod-canary"), ("b", "istiod")),
        ),
    ],
)
def test_services_that_webhooks_of_istiod_call(configurations: list[WebhookConfiguration], services: tuple[tuple[str, str], ...]) -> None:
    """Each once, of the injectors and of the checks; webhooks of others and those that call a URL name none."""
    assert backends(configurations) == services


@pytest.mark.parametrize(
    ("configurations", "names"),
    [
        ([], ["istio-system/istio", "istio-system/istio-sidecar-injector"]),
        (
            [configuration(webhook(INJECTOR, "istio-system"))],
            ["istio-system/istio", "istio-system/istio-sidecar-injector", "istio-system/istio-ca-root-cert"],
        ),
        (
            [configuration(webhook(INJECTOR, "b", "istiod-canary")), configuration(webhook(VALIDATOR, "c"), validates=True)],
            [
                *("b/istio-canary", "b/istio-sidecar-injector-canary", "istio-system/istio", "istio-system/istio-sidecar-injector"),
                *("b/istio-ca-root-cert", "c/istio-ca-root-cert"),
            ],
        ),
        (
            [configuration(webhook(INJECTOR), revision="canary")],
            [
                *("istio-system/istio-canary", "istio-system/istio-sidecar-injector-canary"),
                *("istio-system/istio", "istio-system/istio-sidecar-injector"),
            ],
        ),
    ],
)
def test_config_maps_of_control_planes(configurations: list[WebhookConfiguration], names: list[str]) -> None:
    """Two of each revision, those of a plain install always, and the root certificate where a Service is called."""
    assert ["/".join(row) for row in config_map_names(configurations)] == names


SYSTEM = "/api/v1/namespaces/istio-system/configmaps"


@pytest.mark.parametrize(
    ("data", "refused", "found", "coverage"),
    [
        ({"mesh": ""}, (), ["istio"], Coverage()),
        ([], (), [], Coverage()),
        (
            {"mesh": ""},
            ("istio-sidecar-injector",),
            ["istio"],
            Coverage(refused=(Refused("istio-system", "istio-sidecar-injector", f"{SYSTEM}/istio-sidecar-injector is forbidden"),)),
        ),
        ({"mesh": ""}, ("istio", "istio-sidecar-injector"), [], Coverage(reason=f"{SYSTEM}/istio is forbidden")),
    ],
)
def test_config_maps_that_are_read(data: object, refused: tuple[str, ...], found: list[str], coverage: Coverage) -> None:
    """One that is not there is known to be missing, one of a wrong shape is none, and what is forbidden is told."""
    served = Served(
        {"configmaps": [named("istio", "istio-system", data=data)]}, refused=lambda path: 403 * (path.rpartition("/")[2] in refused)
    )
    objects, covered = read_config_maps(served.connection, [])

    assert ([obj.name for obj in objects], covered) == (found, coverage)


@pytest.mark.parametrize(
    ("refused", "found", "coverage"),
    [
        ((), ["a-1", "b-1"], Coverage(namespaces=frozenset({"a", "b"}))),
        (("a",), ["b-1"], Coverage(namespaces=frozenset({"b"}))),
        (("b",), ["a-1"], Coverage(namespaces=frozenset({"a"}))),
        (("a", "b"), [], Coverage(reason="/apis/discovery.k8s.io/v1/namespaces/b/endpointslices is forbidden")),
    ],
)
def test_endpoints_that_are_read(refused: tuple[str, ...], found: list[str], coverage: Coverage) -> None:
    """Of the Services that are called, in the namespaces that may be read; the last refusal where none may."""
    label = "kubernetes.io/service-name"
    slices = [named(f"{space}-1", space, labels={label: "istiod"}) for space in "ab"]
    others = [named(f"{space}-2", space, labels={label: "cart"}) for space in "ab"]
    served = Served(
        {"endpointslices": [*slices, *others]}, refused=lambda path: 403 * any(f"/namespaces/{space}/" in path for space in refused)
    )
    objects, covered = read_endpoints(served.connection, [configuration(webhook(INJECTOR, "a"), webhook(VALIDATOR, "b"))])

    assert ([obj.name for obj in objects], covered) == (found, coverage)


def test_no_endpoints_without_a_service() -> None:
    """Nothing is asked, and nothing is known of any namespace."""
    served = Served({})

    assert read_endpoints(served.connection, []) == ([], Coverage(namespaces=frozenset()))
    assert not served.asked

"""Rules about Telemetry, where their pages' examples do not reach."""

from typing import Any

import pytest

from kubectl_meshfix.fixes.fix import Safety
from kubectl_meshfix.resources.istio_policy import Telemetry
from kubectl_meshfix.resources.meta import Object
from kubectl_meshfix.rules.extensions import telemetry_overridden, telemetry_provider_unreachable, telemetry_without_effect
from kubectl_meshfix.rules.rule import Severity
from tests.injection.installations import decoded
from tests.rules.asking import findings, fix, only, paths
from tests.traffic.objects import make, service

EFFECT, OVERRIDDEN, UNREACHABLE = telemetry_without_effect.RULE, telemetry_overridden.RULE, telemetry_provider_unreachable.RULE
ENVOY = {"providers": [{"name": "envoy"}]}
ERRORS = {"filter": {"expression": "response.code >= 500"}}
Json = dict[str, Any]


def telemetry(name: str = "one", namespace: str = "shop", **spec: Any) -> Telemetry:
    """A Telemetry."""
    obj: Telemetry = make(Telemetry, name, namespace, **spec)
    return obj


def logs(*items: Json, name: str = "one", namespace: str = "shop", **spec: Any) -> Telemetry:
    """A Telemetry with access logging."""
    return telemetry(name, namespace, accessLogging=list(items), **spec)


def mesh_config(text: str, name: str = "istio") -> Object:
    """The ConfigMap of a mesh configuration."""
    meta = {"name": name, "namespace": "istio-system"}
    return decoded({"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta, "data": {"mesh": text}})


def deployment(name: str, **labels: str) -> Object:
    """A Deployment of namespace shop whose pods have labels."""
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "app", "image": "app:1"}]}}
    meta = {"name": name, "namespace": "shop"}
    return decoded({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": meta, "spec": {"template": template}})


# ---------------------------------------------------------------- MF707


@pytest.mark.parametrize(
    ("items", "others", "is_found"),
    [
        ([{}], [], True),
        ([{"disabled": False}], [], True),
        ([{"disabled": True}], [], False),
        ([ENVOY, {"disabled": True}], [], False),
        ([ENVOY, {}], [], False),
        ([{}, ENVOY], [], True),
        ([{}], [logs(ENVOY, name="root", namespace="istio-system")], False),
        ([{}], [logs(ENVOY, name="other", namespace="other")], True),
        ([{"disabled": True, **ERRORS}], [], False),
    ],
)
def test_providers_are_inherited(items: list[Json], others: list[Object], *, is_found: bool) -> None:
    """From the item before and from the root namespace; not from an item after it, nor from another namespace."""
    assert bool(findings(EFFECT, logs(*items), *others, mesh_config("{}"))) is is_found


def test_a_selecting_one_inherits_from_its_namespace() -> None:
    """What selects workloads starts from the Telemetry of the whole namespace; that one does not start from it."""
    narrow = logs({}, name="narrow", selector={"matchLabels": {"app": "cart"}})

    assert not findings(EFFECT, narrow, logs(ENVOY, name="wide"), mesh_config("{}"))
    assert findings(EFFECT, logs({}, name="wide"), mesh_config("{}"), logs(ENVOY, name="narrow", selector={"matchLabels": {"app": "cart"}}))


def test_default_providers_are_providers() -> None:
    """The mesh's default provider is inherited, and still a filter alone is ignored: it counts only beside the name of a provider."""
    config = mesh_config("defaultProviders: {accessLogging: [envoy]}")

    assert not findings(EFFECT, logs({}), config)
    assert "All requests are logged" in only(EFFECT, logs(ERRORS), config).message


def test_without_a_mesh_configuration_it_is_information() -> None:
    """It may have a default provider; that a filter is ignored is certain all the same."""
    assert only(EFFECT, logs({}), live=False).severity is Severity.INFO
    assert only(EFFECT, logs(ENVOY, ERRORS), live=False).severity is None


@pytest.mark.parametrize(
    "items",
    [
        [ENVOY, {"providers": [{"name": "otel"}]}, ERRORS],
        [{**ENVOY, "filter": {"expression": "true"}}, ERRORS],
        [{**ENVOY, "match": {"mode": "SERVER"}}, ERRORS],
        [{**ENVOY, "disabled": True}, ERRORS],
        [ERRORS],
    ],
)
def test_a_filter_moves_only_where_it_belongs(items: list[Json]) -> None:
    """With several providers, another filter, or another side of the requests, a person decides."""
    assert fix(only(EFFECT, logs(*items), live=False)).safety is Safety.MANUAL


PROVIDERS = """
extensionProviders:
- {name: Jaeger, opentelemetry: {service: jaeger.obs.svc.cluster.local, port: 4317}}
- {name: files, envoyFileAccessLog: {path: /dev/stdout}}
- {name: old, opencensus: {service: oc.obs.svc.cluster.local, port: 55678}}
- {name: opa, envoyExtAuthzGrpc: {service: opa.obs.svc.cluster.local, port: 9191}}
"""


@pytest.mark.parametrize(
    ("field", "name", "aliases"),
    [
        ("tracing", "jaeger", None),
        ("tracing", "files", ()),
        ("tracing", "old", ("IST0002",)),
        ("tracing", "opa", ()),
        ("tracing", "nobody", ()),
        ("accessLogging", "files", None),
        ("accessLogging", "envoy", None),
        ("accessLogging", "Jaeger", ()),
        ("accessLogging", "old", ()),
        ("metrics", "prometheus", None),
        ("metrics", "stackdriver", None),
        ("metrics", "files", ()),
    ],
)
def test_what_a_provider_can_do(field: str, name: str, aliases: tuple[str, ...] | None) -> None:
    """Each type of provider writes one kind of data; names are compared without case, and three are always there."""
    spec: Json = {field: [{"providers": [{"name": name}]}]}
    found = findings(EFFECT, telemetry(**spec), mesh_config(PROVIDERS))

    assert [item.aliases for item in found] == ([] if aliases is None else [aliases])


def test_one_revision_that_knows_the_provider_is_enough() -> None:
    """Which revision the pods have is not asked: a provider counts as unknown where no configuration has it."""
    traces = telemetry(tracing=[{"providers": [{"name": "jaeger"}]}])

    assert findings(EFFECT, traces, mesh_config("{}"))
    assert not findings(EFFECT, traces, mesh_config("{}"), mesh_config(PROVIDERS, "istio-canary"))
    assert not findings(EFFECT, traces, mesh_config("a: ["))


@pytest.mark.parametrize(
    ("tracing", "others", "is_found"),
    [
        ([{"randomSamplingPercentage": 10}], [mesh_config("{}")], True),
        ([{"randomSamplingPercentage": 10}], [mesh_config("defaultProviders: {tracing: [zipkin]}")], False),
        ([{"randomSamplingPercentage": 10}], [], False),
        ([{"disableSpanReporting": True}], [mesh_config("{}")], False),
        (
            [{"randomSamplingPercentage": 10}],
            [mesh_config(PROVIDERS), telemetry("root", "istio-system", tracing=[{"providers": [{"name": "jaeger"}]}])],
            False,
        ),
    ],
)
def test_tracing_without_a_provider_is_off(tracing: list[Json], others: list[Object], *, is_found: bool) -> None:
    """Unless a default or the root namespace names one, or it is turned off on purpose."""
    found = [item.path for item in findings(EFFECT, telemetry(tracing=tracing), *others)]

    assert found == (["/spec/tracing/0"] if is_found else [])


# ---------------------------------------------------------------- MF708


def aged(name: str, day: int, **spec: Any) -> Object:
    """A Telemetry that was created on a day."""
    meta = {"name": name, "namespace": "shop", "creationTimestamp": f"2026-01-0{day}T00:00:00Z"}
    return decoded({"apiVersion": "telemetry.istio.io/v1", "kind": "Telemetry", "metadata": meta, "spec": spec})


def test_the_older_one_counts() -> None:
    """On a cluster only the younger ones are ignored; of the same age the name decides."""
    found = findings(OVERRIDDEN, aged("c", 1), aged("a", 2), aged("b", 2))
    assert [item.resource.name for item in found] == ["a", "b"]

    assert only(OVERRIDDEN, aged("b", 1), aged("a", 1)).resource.name == "b"


def test_what_has_targets_or_labels_is_not_for_a_namespace() -> None:
    """Istioctl counts objects with targetRefs among those for the whole namespace; an empty selector is none."""
    targets = [{"group": "", "kind": "Service", "name": "cart"}]

    assert not findings(OVERRIDDEN, logs(ENVOY, name="a"), logs(ENVOY, name="b", targetRefs=targets))
    assert not findings(OVERRIDDEN, logs(ENVOY, name="a"), logs(ENVOY, name="b", namespace="other"))
    assert len(findings(OVERRIDDEN, logs(ENVOY, name="a"), logs(ENVOY, name="b", selector={}))) == 2


def selecting(name: str, day: int, label: str, value: str, *fields: str) -> Object:
    """A Telemetry that sets some fields for labelled pods."""
    items = {"accessLogging": [ENVOY], "metrics": [{"providers": [{"name": "prometheus"}]}], "tracing": [{"randomSamplingPercentage": 1}]}
    return aged(name, day, selector={"matchLabels": {label: value}}, **{field: items[field] for field in fields})


CART = deployment("cart", app="cart", version="v1")


@pytest.mark.parametrize(
    ("fields", "others", "severity"),
    [
        (("accessLogging",), ("accessLogging",), Severity.WARNING),
        (("accessLogging", "metrics"), ("tracing",), None),
        (("metrics",), ("metrics", "tracing"), Severity.INFO),
        (("tracing", "metrics"), ("metrics", "tracing"), Severity.WARNING),
    ],
)
def test_what_both_set_is_replaced(fields: tuple[str, ...], others: tuple[str, ...], severity: Severity | None) -> None:
    """The younger one counts where both set something, and the older one is reported, once; metrics add up."""
    found = findings(OVERRIDDEN, CART, selecting("old", 1, "app", "cart", *fields), selecting("new", 2, "version", "v1", *others))

    assert [item.resource.name for item in found] == (["old"] if severity else [])
    assert all((item.severity or OVERRIDDEN.severity) is severity for item in found)


def test_workloads_of_their_own_are_no_conflict() -> None:
    """Two objects that select different workloads do not meet."""
    stock = deployment("stock", app="stock")
    two = (selecting("a", 1, "app", "cart", "tracing"), selecting("b", 2, "app", "stock", "tracing"))

    assert not findings(OVERRIDDEN, CART, stock, *two)


# ---------------------------------------------------------------- MF709


@pytest.mark.parametrize(
    ("host", "is_found"),
    [
        ("jaeger.obs.svc.cluster.local", False),
        ("obs/jaeger.obs.svc.cluster.local", False),
        ("shop/jaeger.obs.svc.cluster.local", True),
        ("jaeger", True),
        ("yaeger.obs.svc.cluster.local", True),
    ],
)
@pytest.mark.parametrize("used", [True, False])
def test_hosts_of_providers(host: str, *, is_found: bool, used: bool) -> None:
    """A full host that is registered, in the namespace that stands before it if one does; unused providers harm nobody."""
    config = mesh_config(f"extensionProviders: [{{name: jaeger, zipkin: {{service: {host}, port: 9411}}}}]")
    users = (telemetry(tracing=[{"providers": [{"name": "Jaeger"}]}]),) if used else ()

    assert paths(UNREACHABLE, config, service("jaeger", "obs"), *users) == (["/data/mesh"] if is_found and used else [])

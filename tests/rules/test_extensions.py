"""Rules about telemetry and Envoy patches, where their pages' examples do not reach."""

import json
from typing import Any

import pytest

from kubectl_meshfix.documents.patch import Operation
from kubectl_meshfix.fixes.fix import Safety
from kubectl_meshfix.rules.extensions import access_log_off, extension_selects_nothing, mesh_wide_envoyfilter
from kubectl_meshfix.rules.rule import Finding, Rule
from kubectl_meshfix.sources.manifest_meshes import from_texts
from tests.rules.asking import asked

Json = dict[str, Any]

LOGS, FILTER, NOTHING = access_log_off.RULE, mesh_wide_envoyfilter.RULE, extension_selects_nothing.RULE


def mesh_config(text: str, name: str = "istio", **metadata: Any) -> Json:
    """The ConfigMap of a mesh configuration."""
    placed = {"name": name, "namespace": "istio-system", **metadata}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": placed, "data": {"mesh": text}}


def telemetry(*access_logging: Json, namespace: str = "istio-system") -> Json:
    """A Telemetry with access-log settings."""
    return {
        "apiVersion": "telemetry.istio.io/v1",
        "kind": "Telemetry",
        "metadata": {"name": "logs", "namespace": namespace},
        "spec": {"accessLogging": list(access_logging)},
    }


def envoy_filter(name: str = "patch", namespace: str = "istio-system", context: str = "ANY", **spec: Any) -> Json:
    """An EnvoyFilter with one patch."""
    patches = [{"applyTo": "CLUSTER", "match": {"context": context}, "patch": {"operation": "MERGE", "value": {}}}]
    return {
        "apiVersion": "networking.istio.io/v1alpha3",
        "kind": "EnvoyFilter",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"configPatches": patches, **spec},
    }


def findings(rule: Rule, *objects: Json) -> list[Finding]:
    """What a rule finds in manifests, asked for no more than it declares."""
    mesh = from_texts({"x.json": json.dumps({"apiVersion": "v1", "kind": "List", "items": objects})})[0].mesh
    return asked(rule, mesh)


# ---------------------------------------------------------------- MF701

ENVOY = {"providers": [{"name": "envoy"}]}


@pytest.mark.parametrize(
    "objects",
    [
        [mesh_config("accessLogFile: /dev/stdout")],
        [mesh_config("enableEnvoyAccessLogService: true")],
        [mesh_config("defaultProviders: {accessLogging: [otel]}")],
        [mesh_config("{}"), telemetry(ENVOY)],
        [mesh_config("{}"), telemetry(ENVOY, namespace="shop")],
        [mesh_config("{}"), telemetry({"disabled": True})],
        [mesh_config("a: [")],
        [telemetry()],
    ],
    ids=["file", "service", "provider", "Telemetry", "some workloads", "turned off", "unreadable", "no configuration"],
)
def test_where_somebody_decided_nothing_is_said(objects: list[Json]) -> None:
    """Logs that are on, logs that were turned off for the mesh, and a configuration nobody could read."""
    assert not findings(LOGS, *objects)


@pytest.mark.parametrize(
    "entry", [{}, {"disabled": False}, {**ENVOY, "disabled": True}], ids=["no provider", "not disabled", "off in one namespace"]
)
def test_a_setting_without_effect_is_none(entry: Json) -> None:
    """A Telemetry without a provider, where the mesh has no default one, logs nothing; nor does one that turns logs off."""
    assert findings(LOGS, mesh_config("{}"), telemetry(entry, namespace="shop"))


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("trustDomain: a # ours\n", "trustDomain: a # ours\naccessLogFile: /dev/stdout\n"),
        ('accessLogFile: ""\ntrustDomain: a\n', 'accessLogFile: "/dev/stdout"\ntrustDomain: a\n'),
        ("", "accessLogFile: /dev/stdout\n"),
        ("{}", "accessLogFile: /dev/stdout\n"),
    ],
    ids=["added", "replaced", "empty", "empty map"],
)
def test_only_one_line_of_the_text_changes(text: str, after: str) -> None:
    """The setting is added, or takes the place of an empty one; every other byte stays."""
    (finding,) = findings(LOGS, mesh_config(text))

    assert finding.fix
    assert finding.fix.safety is Safety.UNSAFE
    assert list(finding.fix.patches[0].operations) == [Operation("test", "/data/mesh", text), Operation("replace", "/data/mesh", after)]


def test_each_revision_has_its_own_configuration() -> None:
    """A revision without logs is reported although another one has them."""
    (finding,) = findings(LOGS, mesh_config("accessLogFile: /dev/stdout"), mesh_config("{}", name="istio-canary"))

    assert finding.resource.name == "istio-canary"


def test_a_configuration_that_is_made_is_not_patched() -> None:
    """A controller would put the old text back at once, so the resource it makes it from is named."""
    owner = {"apiVersion": "maistra.io/v2", "kind": "ServiceMeshControlPlane", "name": "basic", "controller": True}

    (finding,) = findings(LOGS, mesh_config("{}", ownerReferences=[owner]))

    assert finding.fix
    assert finding.fix.safety is Safety.MANUAL
    assert "ServiceMeshControlPlane basic" in (finding.fix.why or "")


# ---------------------------------------------------------------- MF702


@pytest.mark.parametrize(
    "objects",
    [
        [envoy_filter(namespace="shop")],
        [envoy_filter(workloadSelector={"labels": {"app": "cart"}})],
        [envoy_filter(targetRefs=[{"kind": "Gateway", "group": "gateway.networking.k8s.io", "name": "edge"}])],
        [envoy_filter(configPatches=[])],
        [envoy_filter("stats-filter-1.16")],
        [envoy_filter("tcp-metadata-exchange-1.12-canary")],
        [envoy_filter(), mesh_config("rootNamespace: mesh-config")],
    ],
    ids=["namespace", "selector", "targetRefs", "no patches", "installed", "installed for TCP", "other root namespace"],
)
def test_narrow_filters_are_left_alone(objects: list[Json]) -> None:
    """Only what reaches every proxy counts, and only if somebody wrote it."""
    assert not findings(FILTER, *objects)


def test_an_empty_selector_selects_all() -> None:
    """A workloadSelector without labels narrows nothing down."""
    assert findings(FILTER, envoy_filter(workloadSelector={"labels": {}}))


def test_the_root_namespace_is_the_configured_one() -> None:
    """The mesh configuration may name another root namespace than istio-system."""
    (finding,) = findings(FILTER, envoy_filter(namespace="mesh-config"), mesh_config("rootNamespace: mesh-config"))

    assert "mesh-config is the root namespace" in finding.evidence


def test_gateway_patches_reach_gateways() -> None:
    """Patches that match only gateways are not said to reach sidecars."""
    (finding,) = findings(FILTER, envoy_filter(context="GATEWAY"))

    assert "every gateway of the mesh" in finding.message


# ---------------------------------------------------------------- MF703


@pytest.mark.parametrize(
    ("api_version", "kind", "field"),
    [
        ("telemetry.istio.io/v1", "Telemetry", {"selector": {"matchLabels": {"app": "chekout"}}}),
        ("extensions.istio.io/v1alpha1", "WasmPlugin", {"selector": {"matchLabels": {"app": "chekout"}}}),
        ("networking.istio.io/v1alpha3", "EnvoyFilter", {"workloadSelector": {"labels": {"app": "chekout"}}}),
    ],
)
def test_what_selects_nothing_has_no_effect(api_version: str, kind: str, field: Json) -> None:
    """Its labels are corrected where they are nearly those of pods, by the codes of those who know the kind."""
    pod: Json = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "namespace": "shop", "labels": {"app": "checkout"}}}
    extension = {"apiVersion": api_version, "kind": kind, "metadata": {"name": "one", "namespace": "shop"}, "spec": field}

    (found,) = findings(NOTHING, pod, extension)
    assert found.fix
    assert found.fix.safety is Safety.UNSAFE
    assert found.fix.patches[0].operations[-1].value == "checkout"
    assert ("IST0101" in (found.aliases or ())) is (kind == "Telemetry")

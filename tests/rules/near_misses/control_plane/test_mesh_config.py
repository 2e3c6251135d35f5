"""What the rule about the mesh configuration says of texts that differ in one thing."""

import json

import pytest

from kubectl_meshfix.mesh.istio_keys.table import VERSION
from kubectl_meshfix.rules.control_plane.invalid_mesh_config import RULE
from kubectl_meshfix.rules.rule import Severity
from tests.rules.asking import fix
from tests.rules.near_misses.scenes import said, summaries, writes

BOTH = "Correct the mesh configuration in the Helm values or IstioOperator, and here."
KEPT = "rootNamespace: istio-system"
SLIP, OTHER = f"{KEPT}\naccessLogFil: /dev/stdout", "madeUp: 1"


def config_map(mesh: str, networks: str = "", metadata: str = "") -> str:
    """The ConfigMap of the default revision."""
    data = {"mesh": mesh, **({"meshNetworks": networks} if networks else {})}
    where = f"{{name: istio, namespace: istio-system, {metadata}}}"
    return f"{{apiVersion: v1, kind: ConfigMap, metadata: {where}, data: {json.dumps(data)}}}\n"


def istiod(tag: str, env: str = "") -> str:
    """The Deployment of the default revision."""
    return f"""---
apiVersion: apps/v1
kind: Deployment
metadata: {{name: istiod, namespace: istio-system, labels: {{app: istiod, istio.io/rev: default}}}}
spec:
  template:
    metadata: {{labels: {{app: istiod}}}}
    spec: {{containers: [{{name: discovery, image: "istio/pilot:{tag}", env: [{env}]}}]}}
"""


@pytest.mark.parametrize(
    ("text", "istiods", "severities"),
    [
        (OTHER, "", [Severity.INFO]),
        (SLIP, "", [Severity.WARNING]),
        (f"{OTHER}\n{SLIP}", "", [Severity.WARNING]),
        (OTHER, istiod(f"{VERSION}.0"), [Severity.INFO]),
        (OTHER, istiod("1.20.0"), []),
        (OTHER, istiod("stable"), [Severity.INFO]),
        (SLIP, istiod("1.20.0"), [Severity.WARNING]),
    ],
)
def test_a_field_that_is_not_known_counts_by_what_istiod_may_know(text: str, istiods: str, severities: list[Severity]) -> None:
    """A slip is a warning also beside a field that is none; an istiod of another version may know what is not known here."""
    assert [row.severity for row in said(RULE, config_map(text) + istiods)] == severities


@pytest.mark.parametrize(
    ("endpoints", "env", "told"),
    [
        ("[{fromRegistry: kubernetes}]", "", [("kubernetes", "Kubernetes")]),
        ("[{fromRegistry: Kubernets}]", "", [("Kubernets", "Kubernetes")]),
        ("[{fromRegistry: KUBERNETES}]", "", [("KUBERNETES", "Kubernetes")]),
        ("[{fromRegistry: Kubernetes}]", "", []),
        ("[{fromRegistry: somewhere-else}]", "", []),
        ("[{fromCidr: 10.0.0.0/8}]", "", []),
        ("null", "", []),
        ("[{fromRegistry: cluster-eats}]", "{name: CLUSTER_ID, value: cluster-east}", [("cluster-eats", "cluster-east")]),
        ("[{fromRegistry: kubernetes}]", "{name: CLUSTER_ID, value: cluster-east}", []),
    ],
)
def test_a_registry_counts_by_the_name_of_this_cluster(endpoints: str, env: str, told: list[tuple[str, str]]) -> None:
    """A slip of the name and another case are told; the name itself, a range of addresses and another cluster's name are not."""
    text = config_map(KEPT, f"networks: {{main: {{endpoints: {endpoints}}}}}") + istiod(f"{VERSION}.0", env)
    assert [row.message for row in said(RULE, text)] == [
        f"Network main takes endpoints from registry {registry}; this cluster is {here}. They belong to no network."
        for registry, here in told
    ]


def test_a_registry_that_is_no_text_is_refused_alone() -> None:
    """A number may stand where a name belongs: istiod refuses the text, and nobody takes the number for a name."""
    (found,) = said(RULE, config_map(KEPT, "networks: {main: {endpoints: [{fromRegistry: 5}]}}"))
    assert writes(found) == [("replace", "/data/meshNetworks", 'networks: {main: {endpoints: [{fromRegistry: "5"}]}}')]


@pytest.mark.parametrize(
    ("metadata", "summary", "why"),
    [
        ("", BOTH, None),
        ("labels: {app.kubernetes.io/managed-by: Helm}, annotations: {meta.helm.sh/release-name: istiod}", BOTH, None),
        ("labels: {managed-by: sail-operator}", BOTH, None),
        (
            "ownerReferences: [{apiVersion: v1, kind: Frontend, name: mesh, controller: true}]",
            "Correct the mesh configuration.",
            "Frontend mesh created it and would revert the change; make the change in Frontend mesh.",
        ),
    ],
)
def test_what_another_object_makes_is_corrected_there(metadata: str, summary: str, why: str | None) -> None:
    """Helm and Sail take the same values in another place; a ConfigMap that a controller makes cannot be corrected at all."""
    (found,) = said(RULE, config_map(SLIP, metadata=metadata))
    assert (fix(found).summary, fix(found).why) == (summary, why)
    assert writes(found) == ([] if why else [("replace", "/data/mesh", f"{KEPT}\naccessLogFile: /dev/stdout")])


def provider(field: str) -> str:
    """A provider with a port, whose Service is called by a field."""
    return f"extensionProviders: [{{name: otel, opentelemetry: {{{field}: spans.shop.svc.cluster.local, port: 4317}}}}]"


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("accessLogEncoding: JSN", "accessLogEncoding: JSON"),
        ("accessLogEncoding: JSN\nenableTracing: maybe", None),
        (f"{OTHER}\n{SLIP}", None),
        (provider("servic"), "extensionProviders: [{name: otel, opentelemetry: {port: 4317, service: spans.shop.svc.cluster.local}}]"),
        ("meshMTLS: &a {minProtocolVersio: TLSV1_3}\ntlsDefaults: *a", None),
    ],
)
def test_only_what_can_be_corrected_as_a_whole_is_written(text: str, after: str | None) -> None:
    """One problem without a correction leaves all to a person, and so do two places that share their text."""
    (found,) = said(RULE, config_map(text))
    assert summaries([found]) == [BOTH]
    assert writes(found) == ([("replace", "/data/mesh", after)] if after else [])

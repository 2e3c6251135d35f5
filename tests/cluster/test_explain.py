"""``explain`` against a real API server: what is predicted is what its admission chain does."""

import base64
import contextlib
import itertools
import json
import re
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from kubectl_meshfix.chain.steps import answer
from kubectl_meshfix.cli.main import app
from kubectl_meshfix.errors import MeshfixError
from kubectl_meshfix.injection.chain import explain
from kubectl_meshfix.injection.creation import CreationResult, create_pod
from kubectl_meshfix.injection.explanation import Explanation, Probe
from kubectl_meshfix.injection.subjects import subject
from kubectl_meshfix.mesh.overlay import laid_over
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.core import Pod
from kubectl_meshfix.sources.api.cluster_options import ClusterOptions
from kubectl_meshfix.sources.api.connection import Connection, connect
from kubectl_meshfix.sources.explain_source import read_environment
from kubectl_meshfix.sources.manifest_meshes import from_texts
from kubectl_meshfix.sources.probe import probe
from tests.cluster.conftest import PLACEHOLDER, Lab
from tests.cluster.injector import Injector, serving
from tests.cluster.server import Server, assets, free_port, running

INJECT, INJECTION, REVISION = "sidecar.istio.io/inject", "istio-injection", "istio.io/rev"
MODE = "sidecar.istio.io/interceptionMode"

FAULTS = {
    "untrusted": ("Fail", "caBundle"),
    "untrusted-open": ("Ignore", None),
    "closed": ("Fail", "endpoints"),
    "slow": ("Fail", "network"),
    "slow-open": ("Ignore", None),
    "broken": ("Fail", "call"),
    "nonsense": ("Fail", "call"),
}
"""Revisions whose injector is out of order: the failurePolicy, and the check that the API server's words point to."""


def webhooks(revision: str, client: Mapping[str, Any], policy: str = "Fail", value: str | None = None) -> dict[str, Any]:
    """A webhook configuration as Istio's chart renders it, which calls a URL."""

    def needs(key: str, operator: str, *values: str) -> dict[str, Any]:
        return {"key": key, "operator": operator, **({"values": list(values)} if values else {})}

    value = value or revision
    willing = needs(INJECT, "NotIn", "false")
    silent = [needs(REVISION, "DoesNotExist"), needs(INJECTION, "DoesNotExist")]
    rows = [
        ("rev.namespace", [needs(REVISION, "In", value), needs(INJECTION, "DoesNotExist")], [willing]),
        ("rev.object", silent, [willing, needs(REVISION, "In", value)]),
    ]
    if value == "default":
        rows += [
            ("namespace", [needs(INJECTION, "In", "enabled")], [willing]),
            ("object", silent, [needs(INJECT, "In", "true"), needs(REVISION, "DoesNotExist")]),
        ]
    suffix = "" if revision == "default" else f"-{revision}"
    return {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "MutatingWebhookConfiguration",
        "metadata": {"name": f"istio-sidecar-injector{suffix}", "labels": {"app": "sidecar-injector", REVISION: revision}},
        "webhooks": [
            {
                "name": f"{name}.sidecar-injector.istio.io",
                "clientConfig": client,
                "rules": [{"operations": ["CREATE"], "apiGroups": [""], "apiVersions": ["v1"], "resources": ["pods"]}],
                "namespaceSelector": {"matchExpressions": space},
                "objectSelector": {"matchExpressions": pod},
                "failurePolicy": policy,
                "timeoutSeconds": 1 if revision.startswith("slow") else 10,
                "sideEffects": "None",
                "admissionReviewVersions": ["v1"],
            }
            for name, space, pod in rows
        ],
    }


def encoded(pem: str) -> str:
    """A caBundle."""
    return base64.b64encode(pem.encode()).decode()


def installations(injector: Injector) -> Iterator[dict[str, Any]]:
    """A sound default revision, and one of each fault."""
    right, wrong = encoded(injector.authority), encoded(injector.stranger)
    clients = {
        "untrusted": {"url": f"{injector.address}/inject", "caBundle": wrong},
        "closed": {"url": f"https://127.0.0.1:{free_port()}/inject", "caBundle": right},
        "slow": {"url": f"{injector.address}/slow", "caBundle": right},
        "broken": {"url": f"{injector.address}/broken", "caBundle": right},
        "nonsense": {"url": f"{injector.address}/nonsense", "caBundle": right},
    }
    yield webhooks("default", {"url": f"{injector.address}/inject", "caBundle": right})
    for revision, (policy, _) in FAULTS.items():
        yield webhooks(revision, clients[revision.removesuffix("-open")], policy)


SPACES = {
    f"n{number}": {key: value for key, value in ((INJECTION, injection), (REVISION, revision)) if value}
    for number, (injection, revision) in enumerate(itertools.product([None, "enabled", "disabled"], [None, "default", "unknown", *FAULTS]))
}
"""Namespaces with every combination of labels."""

SOUND = sorted(name for name, labels in SPACES.items() if labels.get(INJECTION) == "enabled" or not labels.keys() - {REVISION})
"""Those that some webhook may be called for."""


def control_plane() -> Iterator[dict[str, Any]]:
    """What else there is of an installation."""
    labels = {"app": "istiod", REVISION: "default"}
    image = {"name": "discovery", "image": "docker.io/istio/pilot:1.30.0"}
    spec = {"selector": {"matchLabels": labels}, "template": {"metadata": {"labels": labels}, "spec": {"containers": [image]}}}
    yield {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "istio-system"}}
    for name, space_labels in SPACES.items():
        yield {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": space_labels}}
    metadata = {"name": "istiod", "namespace": "istio-system", "labels": labels}
    yield {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": spec}


def config_map(config: Mapping[str, Any]) -> dict[str, Any]:
    """The injector's configuration."""
    text = {"defaultTemplates": ["sidecar"], "templates": {"sidecar": "spec: {}"}, **config}
    metadata = {"name": "istio-sidecar-injector", "namespace": "istio-system"}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"config": json.dumps(text), "values": "{}"}}


def apply(server: Server, *objects: Mapping[str, Any]) -> None:
    """Create or update objects."""
    server.kubectl("apply", "--server-side", "--force-conflicts", "-f", "-", text=json.dumps(listed(*objects)))


def listed(*objects: Mapping[str, Any]) -> dict[str, Any]:
    """A List."""
    return {"apiVersion": "v1", "kind": "List", "items": list(objects)}


def pod(name: str, namespace: str, labels: Mapping[str, str], annotations: Mapping[str, str], *, host: bool = False) -> dict[str, Any]:
    """A pod's manifest."""
    metadata = {"name": name, "namespace": namespace, "labels": dict(labels), "annotations": dict(annotations)}
    spec = {"containers": [{"name": "app", "image": "app:1"}], **({"hostNetwork": True} if host else {})}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}


@pytest.fixture(scope="module")
def admission(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Injector, Connection]]:
    """A cluster with all installations, whose webhooks are in force."""
    binaries = assets()
    if binaries is None:
        pytest.skip("needs a kube-apiserver (KUBEBUILDER_ASSETS)")
    folder = tmp_path_factory.mktemp("admission")
    with running(binaries, folder) as server, serving(folder) as injector:
        apply(server, *control_plane())
        apply(server, config_map(injector.config), *installations(injector))
        api = connect(ClusterOptions(kubeconfig=str(server.kubeconfig())))
        until(lambda: tried(api, "closed").cause == "endpoints" and tried(api, "default").injected is True)
        yield server, injector, api


def tried(api: Connection, revision: str) -> Probe:
    """The answer to a plain pod that asks for a revision."""
    name = next(name for name, labels in SPACES.items() if labels == {REVISION: revision})
    return probe(api, pod("try", name, {}, {}), "", name, CreationResult.UNKNOWN)


def until(condition: Callable[[], bool]) -> None:
    """Wait for the API server's informers."""
    for _ in range(100):
        if condition():
            return
        time.sleep(0.2)
    raise AssertionError("the webhooks are not in force")


def choices(*values: str | None) -> st.SearchStrategy[str | None]:
    """One of some values of a label, or no such label."""
    return st.sampled_from([None, *values])


SELECTORS = st.lists(
    st.sampled_from([{}, {"matchLabels": {"app": "a"}}, {"matchExpressions": [{"key": "batch", "operator": "Exists"}]}]), max_size=2
)
CONFIGS = st.fixed_dictionaries(
    {
        "policy": st.sampled_from(["enabled", "enabled", "disabled", "off"]),
        "neverInjectSelector": SELECTORS,
        "alwaysInjectSelector": SELECTORS,
    }
)
PODS = st.tuples(
    st.sampled_from([*sorted(SPACES), *SOUND, *SOUND]),
    st.fixed_dictionaries(
        {
            INJECT: choices("true", "true", "false", "True", "no", "", None),
            REVISION: choices("default", "unknown", *FAULTS),
            "app": choices("a", "b"),
            "batch": choices("1"),
        }
    ),
    st.fixed_dictionaries({INJECT: choices("true", "false", "yes", None, None), MODE: choices("TPROXY", "sideways", None)}),
    st.sampled_from([False, False, False, False, True]),
)
A_RUN = 40
"""Pods that are tried under one configuration."""


@settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(config=CONFIGS, data=st.data())
def test_prediction_is_what_admission_does(
    admission: tuple[Server, Injector, Connection], config: dict[str, Any], data: st.DataObject
) -> None:
    """600 random pods: where the injector is sound, prediction and dry run agree; where it is not, the answer names the fault."""
    server, injector, api = admission
    injector.config = config
    apply(server, config_map(config))
    drawn = [data.draw(PODS) for _ in range(A_RUN)]
    manifests = [
        pod(f"p{number}", space, _set(labels), _set(annotations), host=host)
        for number, (space, labels, annotations, host) in enumerate(drawn)
    ]
    mesh = environment(api, manifests)

    for manifest in manifests:
        name, namespace = manifest["metadata"]["name"], manifest["metadata"]["namespace"]
        expected = foresight(mesh, namespace, name)
        answer = probe(api, manifest, "", namespace, expected)
        fault = fault_of(explained(mesh, namespace, name))

        if fault is None:
            assert answer.agrees is True, (manifest, config, SPACES[namespace], expected, answer)
        else:
            policy, cause = FAULTS[fault]
            assert (answer.injected, answer.cause) == ((False, None) if policy == "Ignore" else (None, cause)), (manifest, answer)


def _set(values: Mapping[str, str | None]) -> dict[str, str]:
    return {key: value for key, value in values.items() if value is not None}


def environment(api: Connection, manifests: list[dict[str, Any]]) -> Mesh:
    """The manifests among the cluster's objects."""
    snapshot, _ = from_texts({"pods.json": json.dumps(listed(*manifests))})
    live = read_environment(api, {manifest["metadata"]["namespace"] for manifest in manifests}, tuple(snapshot.meshes.first.objects))
    return laid_over(snapshot.meshes, live.mesh).first


def explained(mesh: Mesh, namespace: str, name: str) -> Explanation:
    """The explanation of a pod's manifest."""
    found = mesh.get(Pod, namespace, name)
    assert found
    return explain(mesh, subject(mesh, found, from_manifest=True))


def foresight(mesh: Mesh, namespace: str, name: str) -> CreationResult:
    """What is predicted for a pod's manifest."""
    found = mesh.get(Pod, namespace, name)
    assert found
    return answer(create_pod(mesh, namespace, subject(mesh, found, from_manifest=True).template)).result


def fault_of(found: Explanation) -> str | None:
    """The fault of the injector that a pod is predicted to get to."""
    names = [name.configuration.removeprefix("istio-sidecar-injector").removeprefix("-") for name in found.matched_webhooks]
    assert len(names) <= 1
    return names[0] if names and names[0] else None


# ---------------------------------------------------------------- recorded


DEPLOYMENT = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart, namespace: NAMESPACE}
spec:
  selector: {matchLabels: {app: cart}}
  template:
    metadata: {labels: {app: cart}}
    spec: {containers: [{name: cart, image: "cart:1"}]}
"""
REPLICA_SET = """
apiVersion: apps/v1
kind: ReplicaSet
metadata:
  name: cart-1
  namespace: NAMESPACE
  labels: {app: cart}
  annotations: {deployment.kubernetes.io/revision: "1"}
  ownerReferences: [{apiVersion: apps/v1, kind: Deployment, name: cart, uid: "UID", controller: true}]
spec:
  replicas: 1
  selector: {matchLabels: {app: cart, pod-template-hash: "1"}}
  template:
    metadata: {labels: {app: cart, pod-template-hash: "1"}}
    spec: {containers: [{name: cart, image: "cart:1"}]}
"""
READS_PODS = """
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: pods}
rules: [{apiGroups: [""], resources: [pods], verbs: [get, list]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: pods}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: pods}
subjects: [{kind: Group, name: viewers, apiGroup: rbac.authorization.k8s.io}]
"""


def space_of(revision: str) -> str:
    """The namespace that asks for a revision, and says nothing else."""
    return next(name for name, labels in SPACES.items() if labels == {REVISION: revision})


def install(server: Server, injector: Injector) -> None:
    """All installations, in force."""
    apply(server, *control_plane())
    apply(server, config_map(injector.config), *installations(injector))
    plain = json.dumps(pod("try", space_of("default"), {}, {}))
    until(lambda: "istio-proxy" in server.kubectl("create", "--dry-run=server", "-o", "json", "-f", "-", text=plain))


def run(lab: Lab, *arguments: str, user: str = "admin") -> tuple[int, str, str]:
    """Exit code, standard output and standard error of one command."""
    result = CliRunner().invoke(app, ["explain", *arguments, "--kubeconfig", lab.kubeconfig(user)], catch_exceptions=False)
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture(scope="session")
def vcr_config(vcr_config: dict[str, Any]) -> dict[str, Any]:
    """Recordings here do not name the injector's address either."""
    scrubbed = vcr_config["before_record_response"]

    def nameless(response: dict[str, Any]) -> dict[str, Any]:
        response = scrubbed(response)
        if body := response["body"].get("string"):
            response["body"]["string"] = re.sub(rb"https://[A-Za-z0-9.:-]+", PLACEHOLDER.encode(), body)
        return response

    return {**vcr_config, "before_record_response": nameless}


@pytest.fixture
def mesh_lab(lab: Lab, tmp_path: Path) -> Iterator[Lab]:
    """A cluster with all installations and the injector behind them, or a recording of it."""
    with contextlib.ExitStack() as stack:
        if lab.server:
            install(lab.server, stack.enter_context(serving(tmp_path)))
        yield lab


@pytest.mark.vcr
def test_a_manifest_is_tried_on_a_cluster(mesh_lab: Lab, tmp_path: Path) -> None:
    """What would happen to this manifest there: predicted from the cluster's webhooks, and tried on them."""
    manifest = tmp_path / "cart.yaml"
    answers = {}
    for revision in ("default", "untrusted", "slow-open"):
        manifest.write_text(DEPLOYMENT.replace("NAMESPACE", space_of(revision)))

        exit_code, out, _ = run(mesh_lab, "-f", str(manifest), "--context", "lab", "--probe", "-o", "json")

        (found,) = json.loads(out)["explanations"]
        assert (exit_code, found["verdict"]["injected"], found["probe"]["ran"]) == (0, True, True)
        answers[revision] = (found["probe"]["agrees"], found["probe"]["injected"], found["probe"]["cause"])

    assert answers == {"default": (True, True, None), "untrusted": (False, None, "caBundle"), "slow-open": (False, False, None)}


@pytest.mark.vcr
def test_a_failing_workload_is_read_by_a_few_requests(mesh_lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """The newest ReplicaSet's condition names the cause, and no list of everything is asked for."""
    where = space_of("untrusted")
    failure = (
        'Internal error occurred: failed calling webhook "rev.namespace.sidecar-injector.istio.io": failed to call webhook: Post '
        '"https://istiod-untrusted.istio-system.svc:443/inject?timeout=10s": tls: failed to verify certificate: x509: certificate signed '
        "by unknown authority"
    )

    def fail(server: Server) -> None:
        server.kubectl("apply", "-f", "-", text=DEPLOYMENT.replace("NAMESPACE", where))
        uid = server.kubectl("get", "deployment", "cart", "-n", where, "-o", "jsonpath={.metadata.uid}")
        server.kubectl("apply", "-f", "-", text=REPLICA_SET.replace("NAMESPACE", where).replace("UID", uid))
        status = {"conditions": [{"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": failure}], "replicas": 0}
        server.kubectl("patch", "rs", "cart-1", "-n", where, "--subresource=status", "--type=merge", "-p", json.dumps({"status": status}))

    mesh_lab.prepare(fail)
    paths: list[str] = []
    request = Connection.request

    def noted(self: Connection, method: str, path: str, *rest: Any, **named: Any) -> Any:
        paths.append(path)
        return request(self, method, path, *rest, **named)

    monkeypatch.setattr(Connection, "request", noted)

    code, out, _ = run(mesh_lab, "deploy/cart", "-n", where)

    assert code == 1
    assert out.splitlines()[0].startswith(
        f"✗ Deployment {where}/cart gets no sidecar: no pod can be created. The API server does not trust"
    )
    assert not {"/api/v1/pods", "/api/v1/events", "/api/v1/services", "/apis/apps/v1/deployments"} & set(paths)
    assert len(paths) < 30


@pytest.mark.vcr
def test_without_rights_nothing_is_called_good(mesh_lab: Lab) -> None:
    """Who may only read pods learns what could not be seen, and that the answer depends on it."""
    where = space_of("untrusted")

    def populate(server: Server) -> None:
        server.kubectl("apply", "-f", "-", text=READS_PODS)
        server.kubectl("create", "-f", "-", text=json.dumps(pod("legacy", "n0", {}, {})))
        until(lambda: "yes" in _may(server))

    mesh_lab.prepare(populate)

    code, out, said = run(mesh_lab, "pod/legacy", "-n", "n0", "--probe", user="viewer")

    assert code == 1
    assert out.startswith("? Pod n0/legacy may get a sidecar: ")
    assert "✓ kube-apiserver" not in out
    assert "You may not create pods in n0" in out
    assert "You may not read" in said
    assert where != "n0"


def _may(server: Server) -> str:
    return server.kubectl("auth", "can-i", "list", "pods", "--as", "viewer", "--as-group", "viewers")


@pytest.mark.vcr
def test_what_is_not_there_is_an_error(lab: Lab) -> None:
    """A name, a kind, a selection that means nothing: exit code 2, and the nearest names."""

    def populate(server: Server) -> None:
        for name in ("n0", "n1"):
            server.kubectl("create", "namespace", name)
        server.kubectl("apply", "-f", "-", text=DEPLOYMENT.replace("NAMESPACE", "n0"))

    lab.prepare(populate)

    for arguments, words in (
        (("deploy/crat", "-n", "n0"), 'There is no Deployment "crat" in namespace n0.\nDid you mean cart?'),
        (("widget/cart",), 'meshfix reads no kind "widget"'),
        (("vs/cart",), "A VirtualService makes no pods"),
    ):
        with pytest.raises(MeshfixError) as error:
            run(lab, *arguments)
        assert words in f"{error.value.message}\n{error.value.hint}"
    assert run(lab, "pods", "-n", "n1")[:2] == (0, "No pods in namespace n1.\n")

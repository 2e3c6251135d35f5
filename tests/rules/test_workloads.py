"""Rules about workloads, where their pages' examples do not reach."""

import json
from typing import Any

import pytest

from kubectl_meshfix.documents.patch import Operation, patched
from kubectl_meshfix.fixes.fix import Fix, Safety
from kubectl_meshfix.fixes.plan import Proposal, make_plan
from kubectl_meshfix.injection.apiserver import default_webhooks
from kubectl_meshfix.mesh.coverage import Coverage
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.rules.rule import Finding, Rule, Severity
from kubectl_meshfix.rules.workloads import (
    missing_app_label,
    missing_version_label,
    proxy_uid,
    sidecar_outlives_job,
    workload_without_service,
)
from kubectl_meshfix.sources.manifest_meshes import from_texts
from tests.rules.asking import asked

Json = dict[str, Any]

APP, VERSION, SERVICE, UID, JOB = (
    missing_app_label.RULE,
    missing_version_label.RULE,
    workload_without_service.RULE,
    proxy_uid.RULE,
    sidecar_outlives_job.RULE,
)


def obj(api_version: str, kind: str, name: str, **rest: Any) -> Json:
    """An object; ``labels``, ``annotations``, ``namespace`` and ``ownerReferences`` go to its metadata."""
    inside = ("labels", "annotations", "namespace", "ownerReferences")
    metadata = {"name": name, "namespace": "shop", **{key: rest.pop(key) for key in inside if key in rest}}
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, **rest}


def template(labels: Json | None = None, annotations: Json | None = None, **spec: Any) -> Json:
    """A pod template; no metadata at all where neither labels nor annotations are given."""
    metadata = {key: value for key, value in (("labels", labels), ("annotations", annotations)) if value is not None}
    return {**({"metadata": metadata} if metadata else {}), "spec": {"containers": [{"name": "main", "image": "app:1.0"}], **spec}}


def deployment(name: str, labels: Json | None = None, annotations: Json | None = None, own: Json | None = None, **spec: Any) -> Json:
    """A Deployment; ``own`` are labels of its own."""
    return obj("apps/v1", "Deployment", name, labels=own or {}, spec={"template": template(labels, annotations, **spec)})


def job(name: str, labels: Json | None = None, annotations: Json | None = None, **spec: Any) -> Json:
    """A Job."""
    return obj("batch/v1", "Job", name, spec={"template": template(labels, annotations, restartPolicy="Never", **spec)})


def cron_job(name: str, labels: Json | None = None, annotations: Json | None = None, **spec: Any) -> Json:
    """A CronJob."""
    made = template(labels, annotations, restartPolicy="Never", **spec)
    return obj("batch/v1", "CronJob", name, spec={"jobTemplate": {"spec": {"template": made}}})


def pod(name: str, labels: Json | None = None, status: Json | None = None, owner: Json | None = None, **spec: Any) -> Json:
    """A bare pod, or one with a controller."""
    owners = [{**owner, "controller": True}] if owner else []
    return obj("v1", "Pod", name, labels=labels or {}, ownerReferences=owners, status=status or {}, spec=template(**spec)["spec"])


def service(name: str, selector: Json) -> Json:
    """A Service with one HTTP port."""
    return obj("v1", "Service", name, spec={"selector": selector, "ports": [{"name": "http", "port": 80}]})


def namespace(labels: Json | None = None, annotations: Json | None = None) -> Json:
    """The namespace everything is in, in the mesh unless told otherwise."""
    metadata = {"name": "shop", "labels": {"istio-injection": "enabled"} if labels is None else labels, "annotations": annotations or {}}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}


def node(kubelet: str) -> Json:
    """A node of a kubelet version."""
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": f"node-{kubelet}"},
        "status": {"nodeInfo": {"kubeletVersion": kubelet}},
    }


def injector(config: str = "policy: enabled", **values: Any) -> Json:
    """The default revision's injector configuration."""
    data = {"config": config, "values": json.dumps({"global": values})}
    return obj("v1", "ConfigMap", "istio-sidecar-injector", namespace="istio-system", data=data)


def mesh_of(*objects: Json, live: bool = False, unread: tuple[kinds.Kind, ...] = ()) -> Mesh:
    """A mesh of manifests, or the same objects as if a cluster had them, next to a default installation's webhooks."""
    mesh = from_texts({"x.json": json.dumps({"apiVersion": "v1", "kind": "List", "items": objects})})[0].mesh
    if not live:
        return mesh
    coverage = dict.fromkeys(unread, Coverage(reason="forbidden"))
    return Mesh((*mesh.objects, default_webhooks.configuration("default", every_namespace=False)), live=True, coverage=coverage)


def findings(rule: Rule, *objects: Json, live: bool = False, unread: tuple[kinds.Kind, ...] = ()) -> list[Finding]:
    """What a rule finds, asked for no more than it declares."""
    return asked(rule, mesh_of(*objects, live=live, unread=unread))


def fix_of(rule: Rule, *objects: Json, live: bool = False, unread: tuple[kinds.Kind, ...] = ()) -> Fix:
    """The fix of the only finding."""
    (finding,) = findings(rule, *objects, live=live, unread=unread)
    assert finding.fix
    return finding.fix


def operations(fix: Fix) -> list[Operation]:
    """The operations of a fix with one patch."""
    (patch,) = fix.patches
    return list(patch.operations)


# ---------------------------------------------------------------- MF201 and MF202


@pytest.mark.parametrize("label", ["service.istio.io/canonical-name", "app.kubernetes.io/name", "app"])
def test_each_canonical_name_counts(label: str) -> None:
    """Any of the labels that Istio takes a name from is enough."""
    assert not findings(APP, deployment("cart", {label: "cart"}))


@pytest.mark.parametrize("label", ["service.istio.io/canonical-revision", "app.kubernetes.io/version", "version"])
def test_each_canonical_revision_counts(label: str) -> None:
    """Any of the labels that Istio takes a version from is enough."""
    assert not findings(VERSION, deployment("cart", {label: "v1"}))


@pytest.mark.parametrize(
    ("objects", "value"),
    [
        ([deployment("cart-v2", {"k8s-app": "basket"}, own={"app": "trolley"}), service("shop", {"k8s-app": "basket"})], "basket"),
        ([deployment("cart-v2", {"tier": "web"}, own={"app": "trolley"}), service("shop", {"tier": "web"})], "trolley"),
        ([deployment("cart-v2", {"k8s-app": "basket"}), service("shop", {"k8s-app": "basket"})], "basket"),
        ([deployment("cart-v2", {"tier": "web"}), service("shop", {"tier": "web"})], "shop"),
        ([deployment("cart-v2", {"tier": "web"}), service("a", {"tier": "web"}), service("b", {"tier": "web"})], "cart"),
        ([deployment("cart-v2", {"name": "not a label value"[:0]})], "cart"),
        ([deployment("cart-v2", own={"app.kubernetes.io/name": "deployment"})], "cart"),
        ([deployment("cart-deployment")], "cart"),
        ([deployment("a" * 62 + "-b")], "a" * 62),
    ],
    ids=[
        "other label first",
        "own label",
        "other label",
        "only Service",
        "two Services",
        "empty label",
        "kind's name",
        "named for its kind",
        "long name",
    ],
)
def test_app_is_taken_from_what_says_it(objects: list[Json], value: str) -> None:
    """The application's name comes from labels, the pods' own first, then from the one Service, then from the object's name."""
    assert f'app: "{value}"' in fix_of(APP, *objects).summary


@pytest.mark.parametrize(
    ("name", "image", "own", "value", "safety"),
    [
        ("cart-v2", "cart:1.0", {"version": "v7"}, "v2", Safety.RESTART),
        ("cart", "cart:1.0", {"app.kubernetes.io/version": "1.2.3"}, "1.2.3", Safety.RESTART),
        ("cart", "registry:5000/cart:1.0-rc1", {}, "1.0-rc1", Safety.RESTART),
        ("cart", "registry:5000/cart", {}, "v1", Safety.UNSAFE),
        ("cart", "cart:latest", {}, "v1", Safety.UNSAFE),
        ("cart", "cart@sha256:1234", {}, "v1", Safety.UNSAFE),
        ("cart", "cart:1.0@sha256:1234", {}, "1.0", Safety.RESTART),
        ("cart", "cart:1.0_", {}, "v1", Safety.UNSAFE),
        ("cart-vat", "cart:stable", {}, "v1", Safety.UNSAFE),
    ],
)
def test_version_is_taken_from_what_says_it(name: str, image: str, own: Json, value: str, safety: Safety) -> None:
    """The version comes from the name, the object's labels or the tag; without any it is a guess, and said to be one."""
    fix = fix_of(VERSION, deployment(name, {"app": "cart"}, own=own, containers=[{"name": "main", "image": image}]))

    assert f'version: "{value}"' in fix.summary
    assert fix.safety is safety


def test_what_no_client_calls_needs_no_app() -> None:
    """Jobs and bare pods need a name where a Service sends them requests, and nowhere else; versions of Jobs never run side by side."""
    jobs = (job("report", {"a": "1"}), cron_job("nightly", {"a": "1"}), pod("probe", {"a": "1"}))

    assert not findings(APP, *jobs)
    assert len(findings(APP, *jobs, service("reports", {"a": "1"}))) == 3
    assert not findings(VERSION, *jobs[:2], service("reports", {"a": "1"}))


@pytest.mark.parametrize(
    ("name", "ports"),
    [
        ("order-metrics", [{"name": "http", "port": 80}]),
        ("order-service", [{"name": "http", "port": 80}]),
        ("order", [{"name": "http-metrics", "port": 8080}]),
    ],
)
def test_no_application_is_named_after_its_metrics(name: str, ports: list[Json]) -> None:
    """A Service for metrics, or one whose name says that it is a Service, does not name what it leads to."""
    found = fix_of(
        APP, deployment("order-operator", {"tier": "a"}), obj("v1", "Service", name, spec={"selector": {"tier": "a"}, "ports": ports})
    )

    assert 'app: "order-operator"' in found.summary


def test_what_several_workloads_are_parts_of_names_none_of_them() -> None:
    """A label of workloads that no Service joins names what they are parts of; versions of one, or those of one Service, share a name."""
    own = {"app": "suite"}

    def apps(*objects: Json) -> list[str]:
        return [finding.fix.summary.split('"')[1] for finding in findings(APP, *objects) if finding.fix]

    assert apps(deployment("a", own=own), deployment("b", own=own)) == ["a", "b"]
    assert apps(deployment("a", {"run": "suite"}), deployment("b", {"app": "suite"})) == ["a"]
    assert apps(deployment("a-v1", own=own), deployment("a-v2", own=own)) == ["suite", "suite"]
    assert apps(deployment("a", {"x": "1"}, own=own), deployment("b", {"x": "1"}, own=own), service("s", {"x": "1"})) == ["suite", "suite"]


def subset(**labels: str) -> Json:
    """A DestinationRule with a subset of host cart."""
    return obj("networking.istio.io/v1", "DestinationRule", "cart", spec={"host": "cart", "subsets": [{"name": "v1", "labels": labels}]})


RULE_OF_TWO = subset(version="v1")


@pytest.mark.parametrize(
    ("objects", "needed"),
    [
        ([deployment("cart", {"app": "cart"}), service("cart", {"app": "cart"})], 0),
        ([deployment("cart", {"app": "cart"}), deployment("till", {"app": "cart"}), service("cart", {"app": "cart"})], 2),
        ([deployment("cart", {"app": "cart"}), service("cart", {"app": "cart"}), RULE_OF_TWO], 1),
        ([deployment("cart", {"app": "cart"}), service("cart", {"app": "cart"}), subset(app="cart")], 0),
        ([deployment("cart", {"app": "cart"}), RULE_OF_TWO], 0),
        ([deployment("cart-v1", {"app": "cart-v1"}), deployment("cart-v2", {"app": "cart-v2"})], 0),
        ([deployment("cart", {"app": "cart"}), deployment("cart-canary", {"app": "basket"})], 2),
        ([deployment("cart", {"app": "cart"}), deployment("basket-v2", {"app": "cart"})], 2),
        ([deployment("cart", {"app": "cart"}), deployment("basket", {"app": "cart"})], 0),
        ([deployment("cart-v2", {"app": "cart"})], 0),
        ([deployment("cart", {"app": "cart-v1"}), deployment("cart-v2", {"app": "cart-v1"})], 2),
        ([deployment("cart", {"app": "cart"}), deployment("cart-v2", {"app": "cart-v2"})], 0),
        ([deployment("cart", {"app": "cart"}), job("cart-v2", {"app": "cart"}), service("cart", {"app": "cart"})], 0),
        (
            [
                deployment("cart", {"app": "cart", "tier": "a"}),
                deployment("till", {"app": "cart"}),
                service("a", {"tier": "a"}),
                service("cart", {"app": "cart"}),
            ],
            2,
        ),
    ],
    ids=[
        "alone",
        "one Service",
        "subset",
        "subset by other labels",
        "no Service",
        "versions of their own names",
        "canary",
        "version",
        "no version",
        "no sibling",
        "one application that has a version in its name",
        "one of two applications that has a version in its name",
        "job",
        "a Service of its own and one with another",
    ],
)
def test_where_versions_are_told_apart(objects: list[Json], needed: int) -> None:
    """A version is needed where other pods are called by the same name, or subsets tell them apart; elsewhere it is told on request."""
    found = findings(VERSION, *objects)

    assert len(found) == sum(item["kind"] == "Deployment" for item in objects)
    assert sum(not finding.on_request for finding in found) == needed


@pytest.mark.parametrize(
    "spared",
    [
        {**deployment("dns"), "metadata": {"name": "dns", "namespace": "kube-system"}},
        deployment("istiod", own={"istio": "pilot"}),
        deployment("ztunnel", {"app.kubernetes.io/part-of": "istio"}),
        deployment("edge", annotations={"inject.istio.io/templates": "gateway"}, containers=[{"name": "istio-proxy", "image": "auto"}]),
        pod("done-pod", status={"phase": "Succeeded"}),
        {**job("done-job"), "status": {"conditions": [{"type": "Complete", "status": "True"}]}},
        pod("step-1", owner={"apiVersion": "tekton.dev/v1", "kind": "TaskRun", "name": "build"}),
        pod("shop-1-build", {"openshift.io/build.name": "shop-1"}),
    ],
    ids=lambda value: value["metadata"]["name"],
)
def test_nobody_is_told_of_what_is_not_theirs(spared: Json) -> None:
    """Kubernetes' and Istio's own parts, gateways, what has ended and a pipeline's steps need no labels from anybody."""
    assert not findings(APP, spared)
    assert not findings(VERSION, spared)


@pytest.mark.parametrize(
    ("workload", "live", "safety"),
    [
        (deployment("cart"), True, Safety.RESTART),
        (cron_job("cart", {"tier": "web"}), True, Safety.SAFE),
        (pod("cart", {"tier": "web"}), True, Safety.SAFE),
        (job("cart", {"tier": "web"}), False, Safety.RESTART),
        (job("cart", {"tier": "web"}), True, Safety.MANUAL),
    ],
    ids=["Deployment", "CronJob", "bare Pod", "Job in a file", "Job on a cluster"],
)
def test_a_label_is_as_safe_as_what_takes_it(workload: Json, live: bool, safety: Safety) -> None:
    """A bare pod takes a label as it runs and a CronJob for its next Job; a Job on a cluster takes none."""
    assert fix_of(APP, workload, service("cart", {"tier": "web"}), live=live).safety is safety


def test_a_maker_is_named_instead_of_overruled() -> None:
    """What an operator made is not patched; the text says who made it."""
    made = deployment("db")
    made["metadata"]["ownerReferences"] = [{"apiVersion": "db.example/v1", "kind": "Database", "name": "orders", "controller": True}]

    fix = fix_of(APP, made)

    assert fix.safety is Safety.MANUAL
    assert fix.why == "Database orders would undo a change of the Deployment: make the change there."


@pytest.mark.parametrize(
    ("picker", "named"),
    [
        (service("cart", {"app": "cart", "tier": "web"}), "Service shop/cart"),
        (
            obj(
                "security.istio.io/v1",
                "AuthorizationPolicy",
                "deny",
                namespace="istio-system",
                spec={"selector": {"matchLabels": {"app": "cart"}}},
            ),
            "AuthorizationPolicy istio-system/deny",
        ),
        (
            obj(
                "apps/v1", "StatefulSet", "old", spec={"selector": {"matchLabels": {"app": "cart"}}, "template": template({"app": "cart"})}
            ),
            "StatefulSet shop/old",
        ),
        (
            obj("networking.istio.io/v1", "Gateway", "front", namespace="edge", spec={"selector": {"app": "cart"}}),
            "Gateway edge/front",
        ),
        (
            obj("networking.k8s.io/v1", "NetworkPolicy", "closed", spec={"podSelector": {"matchLabels": {"app": "cart"}}}),
            "NetworkPolicy shop/closed",
        ),
        (
            obj(
                "networking.k8s.io/v1",
                "NetworkPolicy",
                "named",
                spec={"podSelector": {"matchExpressions": [{"key": "app", "operator": "Exists"}]}},
            ),
            "NetworkPolicy shop/named",
        ),
        (
            obj("security.istio.io/v1", "PeerAuthentication", "strict", spec={"selector": {"matchLabels": {"app": "cart"}}}),
            "PeerAuthentication shop/strict",
        ),
        (
            obj("security.istio.io/v1", "RequestAuthentication", "jwt", spec={"selector": {"matchLabels": {"app": "cart"}}}),
            "RequestAuthentication shop/jwt",
        ),
        (
            obj("networking.istio.io/v1", "ServiceEntry", "old", spec={"workloadSelector": {"labels": {"app": "cart"}}}),
            "ServiceEntry shop/old",
        ),
        (
            obj("networking.istio.io/v1", "DestinationRule", "mine", spec={"host": "x", "workloadSelector": {"labels": {"app": "cart"}}}),
            "DestinationRule shop/mine",
        ),
        (
            obj(
                "networking.istio.io/v1",
                "VirtualService",
                "old",
                namespace="other",
                spec={"hosts": ["x"], "http": [{"match": [{"sourceLabels": {"app": "cart"}}]}]},
            ),
            "sourceLabels of VirtualService other/old",
        ),
        (
            obj("extensions.istio.io/v1alpha1", "WasmPlugin", "auth", spec={"selector": {"matchLabels": {"app": "cart"}}}),
            "WasmPlugin shop/auth",
        ),
    ],
    ids=[
        *("Service", "policy of the root namespace", "other workload", "Gateway of any namespace"),
        *("NetworkPolicy", "NetworkPolicy for any value", "PeerAuthentication", "RequestAuthentication", "ServiceEntry"),
        *("DestinationRule for clients", "route by the caller's labels", "WasmPlugin"),
    ],
)
def test_a_label_that_somebody_waits_for_is_unsafe(picker: Json, named: str) -> None:
    """A fix by which a selector would newly pick the pods is unsafe, and names the selector's owner."""
    fix = fix_of(APP, deployment("cart", {"tier": "web"}), picker)

    assert fix.safety is Safety.UNSAFE
    assert named in fix.summary


@pytest.mark.parametrize(("host", "safety"), [("cart", Safety.UNSAFE), ("till", Safety.RESTART)])
def test_a_version_that_makes_a_subset_is_unsafe(host: str, safety: Safety) -> None:
    """Pods that join a subset of their own Service get its traffic; another Service's subsets are none of theirs."""
    spec = {"host": host, "subsets": [{"name": "next", "labels": {"version": "v2"}}]}
    rule = obj("networking.istio.io/v1", "DestinationRule", "cart", spec=spec)

    assert fix_of(VERSION, deployment("cart-v2", {"app": "cart"}), service("cart", {"app": "cart"}), rule).safety is safety


def test_a_version_that_tells_nothing_apart_is_not_offered() -> None:
    """Two workloads of one image would get one version, and subsets that choose others would still have no pods."""
    beside = [deployment(name, {"app": "cart"}) for name in ("cart-one", "cart-two")]
    told = deployment("cart-old", {"app": "cart", "version": "1.0"})
    spec = {"host": "cart", "subsets": [{"name": "new", "labels": {"version": "experimental"}}]}
    divided = obj("networking.istio.io/v1", "DestinationRule", "cart", spec=spec)

    for objects in (beside, [beside[0], told], [beside[0], divided]):
        found = findings(VERSION, *objects, service("cart", {"app": "cart"}))
        assert found
        assert {item.fix.safety for item in found if item.fix} == {Safety.MANUAL}
    (one,) = findings(VERSION, beside[0], deployment("cart-old", {"app": "cart", "version": "0.9"}), service("cart", {"app": "cart"}))
    assert one.fix
    assert one.fix.safety is not Safety.MANUAL


def test_unread_services_make_a_label_unsafe() -> None:
    """Where nobody knows whether a Service waits for the label, it is not added by default."""
    fix = fix_of(APP, deployment("cart"), live=True, unread=(kinds.SERVICE,))

    assert fix.safety is Safety.UNSAFE
    assert "Service objects could not be read" in fix.summary


@pytest.mark.parametrize(
    ("given", "operation"),
    [
        (template(), Operation("add", "/spec/template/metadata", {"labels": {"app": "cart"}})),
        (template(annotations={"a": "b"}), Operation("add", "/spec/template/metadata/labels", {"app": "cart"})),
        (template({"tier": "web"}), Operation("add", "/spec/template/metadata/labels/app", "cart")),
    ],
    ids=["no metadata", "no labels", "labels"],
)
def test_only_absent_maps_are_created(given: Json, operation: Operation) -> None:
    """A patch creates the maps above a label that are not there, and leaves those that are."""
    assert operations(fix_of(APP, obj("apps/v1", "Deployment", "cart", spec={"template": given}))) == [operation]


def test_both_labels_fit_into_one_plan() -> None:
    """Two rules that create the same missing map create it together."""
    bare = deployment("cart")
    found = [(rule, finding) for rule in (APP, VERSION) for finding in findings(rule, bare)]
    proposals = [Proposal(code=rule.code, resource=finding.resource, fix=finding.fix) for rule, finding in found if finding.fix]

    (change,) = make_plan(proposals, frozenset(Safety)).changes

    assert patched(bare, change.operations)["spec"]["template"]["metadata"]["labels"] == {"app": "cart", "version": "1.0"}


@pytest.mark.parametrize(
    "spec",
    [
        {"replicas": 0},
        {"template": {"metadata": {"annotations": {"a": "b"}}}},
        {"template": {"spec": {"containers": [{"name": "main", "env": [{"name": "A", "value": "b"}]}]}}},
    ],
    ids=["no template", "no containers", "no image"],
)
@pytest.mark.parametrize("rule", [APP, VERSION, SERVICE])
def test_a_patch_for_a_workload_is_none(rule: Rule, spec: Json) -> None:
    """What kustomize lays over a Deployment says nothing of the labels and ports that the Deployment has."""
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop", "labels": {"istio-injection": "enabled"}}}

    assert not findings(rule, namespace, obj("apps/v1", "Deployment", "cart", spec=spec))


# ---------------------------------------------------------------- MF203

PORTS: Json = {"containers": [{"name": "main", "image": "app:1.0", "ports": [{"name": "http", "containerPort": 8080}]}]}


def test_services_elsewhere_are_not_missing() -> None:
    """Manifests without any Service of the namespace say nothing about the Services there; a cluster does."""
    assert not findings(SERVICE, namespace(), deployment("cart", {"app": "cart"}, **PORTS))
    assert findings(SERVICE, namespace(), deployment("cart", {"app": "cart"}, **PORTS), live=True)


@pytest.mark.parametrize(
    "workload",
    [
        deployment("worker", {"app": "worker"}),
        deployment("scraped", {"app": "a"}, containers=[{"name": "main", "ports": [{"name": "http-metrics", "containerPort": 9090}]}]),
        deployment("host", {"app": "a"}, hostNetwork=True, **PORTS),
        job("report", {"app": "a"}, **PORTS),
        {**deployment("agent", {"app": "a"}, **PORTS), "kind": "DaemonSet"},
        deployment("known", {"app": "known"}, **PORTS),
        deployment("external", {"app": "external"}, **PORTS),
        deployment(
            "proxied",
            {"app": "x"},
            containers=[{"name": "istio-proxy", "image": "p", "ports": [{"name": "http-envoy-prom", "containerPort": 15090}]}],
        ),
        deployment(
            "datagrams",
            {"app": "x"},
            containers=[{"name": "main", "image": "a", "ports": [{"name": "http", "containerPort": 80, "protocol": "UDP"}]}],
        ),
    ],
    ids=lambda value: value["metadata"]["name"],
)
def test_who_needs_no_service_is_left_alone(workload: Json) -> None:
    """No port for others, no need of a Service; a ServiceEntry does as well."""
    entry = obj("networking.istio.io/v1", "ServiceEntry", "vm", spec={"workloadSelector": {"labels": {"app": "external"}}})

    assert not findings(SERVICE, namespace(), workload, service("known", {"app": "known"}), entry)


@pytest.mark.parametrize(
    "word",
    [
        *("admin", "debug", "debugger", "health", "healthz", "jmx", "liveness", "metrics", "monitoring", "pprof", "probe", "probes"),
        *("profile", "profiler", "profiling", "prom", "prometheus", "readiness", "status", "telemetry"),
    ],
)
def test_a_port_for_scrapers_and_kubelet_needs_no_service(word: str) -> None:
    """Each of the words for it, alone or behind a protocol; part of another word it says nothing."""

    def is_missed(name: str) -> bool:
        containers = [{"name": "main", "image": "a:1", "ports": [{"name": name, "containerPort": 9090}]}]
        return bool(findings(SERVICE, namespace(), deployment("cart", {"app": "cart"}, containers=containers), live=True))

    assert not is_missed(word)
    assert not is_missed(f"http-{word}")
    assert is_missed(f"http-x{word}")


def test_a_service_without_selector_selects_nobody() -> None:
    """An empty selector picks no pods, unlike elsewhere in Kubernetes."""
    (finding,) = findings(SERVICE, namespace(), deployment("cart", {"app": "cart"}, **PORTS), service("manual", {}))

    assert finding.path == "/spec/template/metadata/labels"
    assert "8080" in finding.message


def named(port: str) -> Json:
    """A container with one port."""
    return {"containers": [{"name": "main", "image": "app:1.0", "ports": [{"name": port, "containerPort": 8080}]}]}


@pytest.mark.parametrize("name", ["", "web", "main", "profiling", "probes", "http-profile", "grpc-debug", "http-pprof"])
def test_a_port_that_is_not_named_like_a_servers_needs_no_service(name: str) -> None:
    """Nothing says that anybody calls a port without a protocol, nor one for debuggers."""
    assert not findings(SERVICE, namespace(), deployment("cart", {"app": "cart"}, **named(name)), service("other", {"app": "other"}))


@pytest.mark.parametrize("name", ["http", "grpc-api", "tcp"])
def test_a_server_of_the_mesh_needs_a_service(name: str) -> None:
    """In the mesh a server's port wants a Service; outside of it nobody knows."""
    server = (deployment("cart", {"app": "cart"}, **named(name)), service("other", {"app": "other"}))

    assert findings(SERVICE, namespace(), *server)
    assert not findings(SERVICE, namespace({}), *server)


@pytest.mark.parametrize(
    ("selector", "found"),
    [({"app": "carts"}, 1), ({"app": "cart", "tier": "web"}, 0), ({"app": "catalog"}, 0), ({"app": "till"}, 0)],
    ids=["slip", "another key", "another word", "somebody else's"],
)
def test_a_service_that_nearly_selects_is_the_finding(selector: Json, found: int) -> None:
    """Whatever the port is called and wherever the pods are, a slip in a selector that selects nothing is one."""
    objects = (deployment("cart", {"app": "cart"}, **named("web")), deployment("till", {"app": "till"}), service("s", selector))

    assert len(findings(SERVICE, namespace({}), *objects)) == found
    assert all("Service shop/s selects no pods" in item.evidence[-1] for item in findings(SERVICE, namespace({}), *objects))


def test_a_service_of_the_same_name_was_meant_for_it() -> None:
    """A Service that selects nothing and bears a workload's name was meant for it, whatever it selects."""
    assert findings(SERVICE, deployment("cart", {"app": "cart"}, **named("web")), service("cart", {"component": "basket"}))


def test_a_stateful_set_names_its_service() -> None:
    """The Service of a StatefulSet is meant for its pods, whether it is there or not."""
    pods = deployment("cart", {"app": "cart"}, **named("web"))
    named_by_set = {**pods, "kind": "StatefulSet", "spec": {**pods["spec"], "serviceName": "carts"}}

    assert findings(SERVICE, named_by_set, service("other", {"app": "other"}))
    assert not findings(SERVICE, {**pods, "kind": "StatefulSet"}, service("other", {"app": "other"}))


@pytest.mark.parametrize(
    "objects",
    [
        [
            obj("flagger.app/v1beta1", "Canary", "cart", spec={"targetRef": {"kind": "Deployment", "name": "cart"}}),
            deployment("cart", {}, **PORTS),
        ],
        [deployment("cart", {}, {"dapr.io/enabled": "true"}, **PORTS)],
        [deployment("cart", {"serving.knative.dev/service": "cart"}, **PORTS)],
    ],
    ids=["Flagger", "dapr", "Knative"],
)
def test_controllers_that_make_services(objects: list[Json]) -> None:
    """Flagger, dapr and Knative make the Services of their workloads; another one would collide."""
    assert not findings(SERVICE, namespace(), *objects, service("other", {"app": "other"}))


# ---------------------------------------------------------------- MF204


def with_ids(pod_level: Json | None = None, container: Json | None = None, **spec: Any) -> Json:
    """A Deployment with security contexts."""
    main = {"name": "main", "image": "a", **({"securityContext": container} if container else {})}
    return deployment("cart", {"app": "cart"}, containers=[main], **({"securityContext": pod_level} if pod_level else {}), **spec)


@pytest.mark.parametrize(
    ("workload", "paths"),
    [
        (with_ids({"runAsUser": 1337}), ["/spec/template/spec/securityContext/runAsUser"]),
        (with_ids({"runAsUser": 1337}, {"runAsUser": 1000}), []),
        (with_ids({"runAsUser": 1000}, {"runAsGroup": 1337}), ["/spec/template/spec/containers/0/securityContext/runAsGroup"]),
        (with_ids(initContainers=[{"name": "init", "securityContext": {"runAsUser": 1337}}]), []),
        (
            with_ids(initContainers=[{"name": "agent", "restartPolicy": "Always", "securityContext": {"runAsUser": 1337}}]),
            ["/spec/template/spec/initContainers/0/securityContext/runAsUser"],
        ),
    ],
    ids=["pod", "overridden", "group", "init container", "native sidecar"],
)
def test_the_number_that_holds_is_found(workload: Json, paths: list[str]) -> None:
    """A container's own number overrides its pod's; an init container that ends may have the proxy's."""
    found = findings(UID, workload, namespace())

    assert [finding.path for finding in found] == paths
    for finding in found:
        assert finding.fix
        assert f"Run the {'container' if 'ontainers/' in finding.path else 'pod'} as" in finding.fix.summary


def test_outside_the_mesh_the_number_is_free() -> None:
    """Whoever gets no sidecar, or is in ambient mode, may run as 1337."""
    assert not findings(UID, with_ids({"runAsUser": 1337}), namespace({}))
    assert not findings(UID, with_ids({"runAsUser": 1337}), namespace({"istio.io/dataplane-mode": "ambient"}))


def test_unknown_membership_is_a_warning() -> None:
    """A manifest without its namespace might get a sidecar anywhere; that it is not known is said."""
    (finding,) = findings(UID, with_ids({"runAsUser": 1337}))

    assert finding.severity is Severity.WARNING
    assert "not known" in finding.evidence[-1]


def test_openshift_has_numbers_of_its_own() -> None:
    """On OpenShift the proxy runs as the last of the namespace's range, and the first of it is free."""
    space = namespace(
        annotations={"openshift.io/sa.scc.uid-range": "1000680000/10000", "openshift.io/sa.scc.supplemental-groups": "500-600"}
    )
    taken = with_ids({"runAsUser": 1000689999}, {"runAsGroup": 600})

    assert not findings(UID, with_ids({"runAsUser": 1337}), space, injector(platform="openshift"))
    by_user, by_group = findings(UID, taken, space, injector(platform="openshift"))
    assert by_user.fix
    assert operations(by_user.fix)[-1] == Operation("replace", "/spec/template/spec/securityContext/runAsUser", 1000680000)
    assert by_group.path == "/spec/template/spec/containers/0/securityContext/runAsGroup"


def test_a_running_pod_keeps_its_user() -> None:
    """Kubernetes changes no security context of a pod that exists; in a file it can be written."""
    bare = pod("cart", {"app": "cart"}, securityContext={"runAsUser": 1337})

    assert fix_of(UID, bare, namespace()).safety is Safety.UNSAFE
    assert fix_of(UID, bare, namespace(), live=True).safety is Safety.MANUAL


# ---------------------------------------------------------------- MF205

NATIVE = "sidecar.istio.io/nativeSidecar"
IN_MESH = {"app": "report", "sidecar.istio.io/inject": "true"}


@pytest.mark.parametrize(
    "objects",
    [
        [job("report", IN_MESH), node("v1.33.1")],
        [job("report", IN_MESH, {NATIVE: "true"}), node("v1.31.1")],
        [job("report", {"app": "report"}), node("v1.31.1")],
        [
            job("report", IN_MESH, containers=[{"name": "a", "image": "a", "args": ["run; curl -X POST localhost:15020/quitquitquit"]}]),
            node("v1.31.1"),
        ],
        [pod("report", IN_MESH), node("v1.31.1")],
        [{**job("report", IN_MESH), "status": {"conditions": [{"type": "Failed", "status": "True"}]}}, node("v1.31.1")],
    ],
    ids=["native by default", "native by annotation", "not in the mesh", "ends the proxy", "meant to stay", "has ended"],
)
def test_jobs_that_end_are_left_alone(objects: list[Json]) -> None:
    """A native sidecar, no sidecar, or work that ends the proxy: the pod completes."""
    assert not findings(JOB, *objects, namespace({}))


def test_one_old_node_is_enough() -> None:
    """Istiod makes sidecars native only where every kubelet is new enough; then the annotation still works."""
    (finding,) = findings(JOB, job("report", IN_MESH), namespace({}), node("v1.33.1"), node("v1.32.0"))

    assert finding.severity is None
    assert finding.fix
    assert operations(finding.fix) == [Operation("add", "/spec/template/metadata/annotations", {NATIVE: "true"})]


def test_unknown_nodes_make_it_information() -> None:
    """Manifests do not say what cluster they are for."""
    (finding,) = findings(JOB, job("report", IN_MESH), namespace({}))

    assert finding.severity is Severity.INFO
    assert finding.fix
    assert "no nodes were read" in finding.fix.summary


@pytest.mark.parametrize(
    "objects",
    [
        [node("v1.28.3")],
        [node("v1.31.0"), injector("policy: enabled\ntemplates:\n  sidecar: |\n    spec: {}\n")],
    ],
    ids=["kubelet", "injector"],
)
def test_what_knows_no_native_sidecars_gets_none(objects: list[Json]) -> None:
    """Where the annotation would do nothing or harm, the Job leaves the mesh instead."""
    (operation,) = operations(fix_of(JOB, cron_job("report", {"app": "report"}), namespace(), *objects))

    assert operation.path.endswith("/labels/sidecar.istio.io~1inject")


def test_a_pod_that_hangs_can_be_ended() -> None:
    """On a cluster a Job cannot change; the finding names the pod that hangs and the command that ends its proxy."""
    states = [{"name": "main", "state": {"terminated": {"exitCode": 0}}}, {"name": "istio-proxy", "state": {"running": {}}}]
    owner = {"apiVersion": "batch/v1", "kind": "Job", "name": "report"}
    hanging = pod("report-x", IN_MESH, {"phase": "Running", "containerStatuses": states}, owner)

    (finding,) = findings(JOB, job("report", IN_MESH), hanging, namespace(), node("v1.31.0"), live=True)

    assert finding.evidence[-1].startswith("Pod shop/report-x")
    assert finding.fix
    assert finding.fix.safety is Safety.MANUAL
    assert finding.fix.commands == ("kubectl exec -n shop report-x -c istio-proxy -- pilot-agent request POST quitquitquit",)


def test_a_pod_that_somebody_makes_is_changed_there() -> None:
    """A pipeline's step that hangs is reported, and the fix names what made it."""
    made = pod("step-1", IN_MESH, owner={"apiVersion": "tekton.dev/v1", "kind": "TaskRun", "name": "build"}, restartPolicy="Never")

    assert "TaskRun build" in (fix_of(JOB, made, namespace(), node("v1.31.0"), live=True).why or "")


def test_a_template_with_a_proxy_of_its_own_is_mended_by_hand() -> None:
    """What `istioctl kube-inject` wrote into a template, no annotation turns into a native sidecar."""
    injected = job("report", IN_MESH, containers=[{"name": "main", "image": "a"}, {"name": "istio-proxy", "image": "proxyv2:1.27.0"}])

    assert fix_of(JOB, injected, namespace()).safety is Safety.MANUAL

"""Rules about what reaches a proxy too early, or in plain text, where their pages' examples do not reach."""

import json
from typing import Any

import pytest

from kubectl_meshfix.fixes.fix import Safety
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.rules.rule import Severity
from kubectl_meshfix.rules.workloads import init_container_before_proxy, peers_without_headless_port, refused_probes
from tests.rules.test_workloads import Json, deployment, findings, fix_of, namespace, node, obj, operations, pod

EARLY, PROBES, PEERS = init_container_before_proxy.RULE, refused_probes.RULE, peers_without_headless_port.RULE
NATIVE, REWRITE = "sidecar.istio.io/nativeSidecar", "sidecar.istio.io/rewriteAppHTTPProbers"
MIGRATE = {"name": "migrate", "image": "app:1.0", "command": ["./manage.py", "migrate"]}
STRICT = obj("security.istio.io/v1", "PeerAuthentication", "default", spec={"mtls": {"mode": "STRICT"}})
PROXY = {"name": "istio-proxy", "image": "docker.io/istio/proxyv2:1.30.0"}
OWNER = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "cart"}
NEW, OLD, OLDER = node("v1.33.0"), node("v1.31.0"), node("v1.28.0")


def installation(*, cni: bool = True, tag: str = "1.30.0", **values: Any) -> Json:
    """The injector's ConfigMap of a release."""
    data = {"config": "policy: enabled", "values": json.dumps({"global": {"tag": tag}, "pilot": {"cni": {"enabled": cni}}, **values})}
    return obj("v1", "ConfigMap", "istio-sidecar-injector", namespace="istio-system", data=data)


def cart(*init: Json, annotations: Json | None = None, **spec: Any) -> Json:
    """Deployment cart with init containers."""
    return deployment("cart", {"app": "cart"}, annotations, initContainers=list(init), **spec)


def server(selector: Json | None = None) -> tuple[Json, Json]:
    """Deployment db, and its Service on port 5432."""
    ports = [{"name": "tcp-db", "port": 5432}]
    return deployment("db", {"app": "db"}), obj("v1", "Service", "db", spec={"selector": selector or {"app": "db"}, "ports": ports})


def asking(*command: str) -> Json:
    """An init container that runs a command."""
    return {"name": "ask", "image": "tools:1.0", "command": list(command)}


def test_with_the_agent_any_call_fails() -> None:
    """Wherever it goes; on kubelets that always have native sidecars the fix is certain, on others an inference."""
    (found,) = findings(EARLY, namespace(), cart(MIGRATE), installation(), OLD)
    certain = fix_of(EARLY, namespace(), cart(MIGRATE, annotations={NATIVE: ""}), installation(tag="1.26.0"), NEW)

    assert (found.severity, found.path) == (None, "/spec/template/spec/initContainers/0")
    assert found.fix
    assert found.fix.safety is Safety.UNSAFE
    assert certain.safety is Safety.RESTART
    assert operations(certain)[-1].value == "true"


@pytest.mark.parametrize(
    "objects",
    [
        (namespace({}), cart(MIGRATE), installation(), OLD),
        (namespace(), cart(MIGRATE), installation(), NEW),
        (namespace(), cart(MIGRATE), installation(cni=False), OLD),
        (namespace(), cart(MIGRATE), OLD),
        (namespace(), cart(MIGRATE, annotations={"sidecar.istio.io/interceptionMode": "NONE"}), installation(), OLD),
        (namespace(), cart({**MIGRATE, "securityContext": {"runAsGroup": 1337}}), installation(), OLD),
        (namespace(), cart(MIGRATE, securityContext={"runAsUser": 1337}), installation(), OLD),
        (namespace(), cart(MIGRATE, annotations={"inject.istio.io/templates": "gateway"}), installation(), OLD),
        (namespace(), cart(asking("chown", "-R", "1000", "/data")), installation(), OLD),
    ],
)
def test_without_a_proxy_that_comes_too_late_nothing_is_said(objects: tuple[Json, ...]) -> None:
    """Outside of the mesh, with a native sidecar, without the agent, for calls that are exempt, and for what calls nobody."""
    assert not findings(EARLY, *objects)


def test_without_nodes_the_sidecar_may_be_native() -> None:
    """Then it is information, and the fix says what it needs."""
    (found,) = findings(EARLY, namespace(), cart(MIGRATE), installation())

    assert found.severity is Severity.INFO
    assert "unless the sidecar is native" in found.message
    assert found.fix
    assert "no nodes were read" in found.fix.summary


@pytest.mark.parametrize(
    ("command", "policy", "is_refused"),
    [
        (("psql", "-h", "db"), STRICT, True),
        (("psql", "-h", "db.shop.svc.cluster.local"), STRICT, True),
        (("psql", "-h", "db.shop"), STRICT, True),
        (("psql", "-h", "db.shop.svc.cluster.local."), STRICT, True),
        (("psql", "-h", "db.shop."), STRICT, False),
        (("psql", "-h", "db.web"), STRICT, False),
        (("psql", "-h", "db.example.com"), STRICT, False),
        (("psql", "-h", "db", "-p", "5433"), STRICT, False),
        (("nc", "-z", "db", "5432"), STRICT, False),
        (("psql", "-h", "db"), obj("security.istio.io/v1", "PeerAuthentication", "default", spec={}), False),
    ],
)
def test_without_the_agent_strict_servers_refuse(command: tuple[str, ...], policy: Json, is_refused: bool) -> None:
    """Only a server that is known to accept nothing but mutual TLS refuses; it accepts the connection by which nothing is sent.

    A name that ends in a dot is looked up as it is.
    """
    found = findings(EARLY, namespace(), cart(asking(*command)), *server(), policy, OLD)

    assert bool(found) is is_refused


def test_a_server_outside_of_the_mesh_refuses_nothing() -> None:
    """Nor does one behind which some pods have no proxy, or whose port is not redirected to it."""
    call = cart(asking("psql", "-h", "db"))
    out = deployment("db", {"app": "db", "sidecar.istio.io/inject": "false"})
    excluded = deployment("db", {"app": "db"}, {"traffic.sidecar.istio.io/excludeInboundPorts": "5432"})

    for other in (out, excluded):
        assert not findings(EARLY, namespace(), call, other, server()[1], STRICT, OLD)


@pytest.mark.parametrize(
    ("call", "annotations", "why"),
    [
        ({"securityContext": {"runAsUser": 1337}}, {}, "runAsUser 1337"),
        ({"securityContext": {"runAsGroup": 1337}}, {}, "runAsGroup 1337"),
        ({}, {"traffic.sidecar.istio.io/excludeOutboundPorts": "5432"}, "port 5432 in traffic"),
    ],
)
def test_calls_that_bypass_the_proxy_are_plain_text_all_the_same(call: Json, annotations: Json, why: str) -> None:
    """They reach the network, and a server with STRICT refuses them, beside a native sidecar too; that annotation alone is no cure."""
    made = cart({**asking("psql", "-h", "db"), **call}, annotations=annotations)
    for objects in ((installation(), OLD), (installation(cni=False), OLD), (installation(), NEW)):
        (found,) = findings(EARLY, namespace(), made, *server(), STRICT, *objects)

        assert f"bypasses the proxy ({why}" in found.message
        assert found.fix
        assert found.fix.safety is Safety.MANUAL
        assert f"remove {why}" in found.fix.summary
    assert not findings(EARLY, namespace(), made, *server(), installation(), OLD)
    assert not findings(EARLY, namespace(), cart(asking("psql", "-h", "db")), *server(), STRICT, installation(), NEW)


def test_no_plain_text_is_advised_where_it_is_refused() -> None:
    """A call that has no network, to a server with STRICT: where no sidecar can be native, the proxy's user is no help."""
    fix = fix_of(EARLY, namespace(), cart(asking("psql", "-h", "db")), *server(), STRICT, installation(), OLDER)

    assert "1337" not in fix.summary


def test_what_cannot_be_native_is_left_to_a_person() -> None:
    """Old kubelets, an Istio that does not read the annotation, a template without native sidecars."""
    old = fix_of(EARLY, namespace(), cart(MIGRATE), installation(), OLDER)
    setting = fix_of(EARLY, namespace(), cart(MIGRATE), installation(tag="1.20.0"), OLD)
    refused = fix_of(EARLY, namespace(), cart(asking("psql", "-h", "db")), *server(), STRICT, OLDER)

    assert {fix.safety for fix in (old, setting, refused)} == {Safety.MANUAL}
    assert "as user 1337" in old.summary
    assert "ENABLE_NATIVE_SIDECARS=true" in setting.summary
    assert "1337" not in refused.summary


def test_a_wish_for_no_sidecar_comes_first() -> None:
    """A label in the wrong place asks for none: that one is to be corrected, and nothing added beside it."""
    outside = cart(MIGRATE)
    outside["metadata"]["labels"] = {"sidecar.istio.io/inject": "false"}

    assert fix_of(EARLY, namespace(), outside, installation(), OLD).safety is Safety.MANUAL


@pytest.mark.parametrize(
    ("status", "severity"),
    [
        ({"restartCount": 9, "state": {"waiting": {"reason": "CrashLoopBackOff"}}}, Severity.ERROR),
        ({"state": {"terminated": {"exitCode": 1}}}, Severity.ERROR),
        ({"state": {"running": {}}, "lastState": {"terminated": {"exitCode": 1}}}, None),
        ({"ready": True, "state": {"terminated": {"exitCode": 0}}}, None),
    ],
)
def test_a_pod_shows_that_it_fails(status: Json, severity: Severity | None) -> None:
    """An init container that ends with an error is an error; one that runs or has ended is not."""
    live = pod(
        "cart-1", {"app": "cart"}, {"phase": "Pending", "initContainerStatuses": [{"name": "migrate", **status}]}, OWNER,
        containers=[{"name": "main", "image": "app:1.0"}, PROXY], initContainers=[MIGRATE],
    )  # fmt: skip
    (found,) = findings(EARLY, namespace(), cart(MIGRATE), live, installation(), OLD, live=True)

    assert found.severity is severity


# ---------------------------------------------------------------- MF207

HTTP = {"httpGet": {"path": "/", "port": 8080}}


def probed(annotations: Json | None = None, **probes: Json) -> Json:
    """Deployment cart whose container is probed."""
    ports = [{"name": "web", "containerPort": 8080}]
    return deployment("cart", {"app": "cart"}, annotations, containers=[{"name": "main", "image": "app:1.0", "ports": ports, **probes}])


OFF = {REWRITE: "false"}
OFF_AT = "/spec/template/metadata/annotations/sidecar.istio.io~1rewriteAppHTTPProbers"


@pytest.mark.parametrize(
    "probes",
    [
        {"livenessProbe": HTTP},
        {"readinessProbe": {"httpGet": {"port": "web"}}},
        {"startupProbe": {"grpc": {"port": 8080}}},
        {"livenessProbe": {"tcpSocket": {"port": 8080}}, "readinessProbe": HTTP},
    ],
)
def test_requests_are_refused(probes: Json) -> None:
    """HTTP and gRPC alike, whatever names the port; restarting is what a readiness probe does not do."""
    (found,) = findings(PROBES, namespace(), probed(OFF, **probes), STRICT)

    assert ("never becomes ready" in found.message) is ("readinessProbe" in probes)
    assert found.path == OFF_AT
    assert found.fix
    assert found.fix.safety is Safety.RESTART


@pytest.mark.parametrize(
    "objects",
    [
        (probed(None, livenessProbe=HTTP), STRICT),
        (probed({REWRITE: "no"}, livenessProbe=HTTP), STRICT),
        (probed(OFF, livenessProbe=HTTP),),
        (probed(OFF, livenessProbe={"tcpSocket": {"port": 8080}}), STRICT),
        (probed(OFF, livenessProbe={"exec": {"command": ["true"]}}), STRICT),
        (probed(OFF, livenessProbe={"httpGet": {"port": 8080, "host": "192.0.2.1"}}), STRICT),
        (probed(OFF, livenessProbe={"httpGet": {"port": "other"}}), STRICT),
        (probed({**OFF, "traffic.sidecar.istio.io/excludeInboundPorts": "8080"}, livenessProbe=HTTP), STRICT),
        (probed({**OFF, "sidecar.istio.io/interceptionMode": "NONE"}, livenessProbe=HTTP), STRICT),
    ],
)
def test_other_probes_pass(objects: tuple[Json, ...]) -> None:
    """Rewritten ones, those of ports that accept plain text or bypass the proxy, and those that send no request."""
    assert not findings(PROBES, namespace(), *objects)


def test_the_installation_may_turn_rewriting_off() -> None:
    """Then the annotation that turns it on is the fix, beside an annotation that says false as well."""
    values = installation(sidecarInjectorWebhook={"rewriteAppHTTPProbe": False})

    for annotations, path in ((None, "livenessProbe"), (OFF, "rewriteAppHTTPProbers")):
        (found,) = findings(PROBES, namespace(), probed(annotations, livenessProbe=HTTP), STRICT, values)
        assert found.path.endswith(path)
        assert found.fix
        assert found.fix.summary.endswith('"true".')
    assert not findings(PROBES, namespace(), probed({REWRITE: "true"}, livenessProbe=HTTP), STRICT, values)
    (found,) = findings(PROBES, namespace(), probed(startupProbe=HTTP, livenessProbe=HTTP), STRICT, values)
    assert found.path.endswith("/livenessProbe")


def test_an_annotation_goes_alone() -> None:
    """Others stay."""
    fix = fix_of(PROBES, namespace(), probed({**OFF, "a": "b"}, livenessProbe=HTTP), STRICT)

    assert operations(fix)[-1].path == "/spec/template/metadata/annotations/sidecar.istio.io~1rewriteAppHTTPProbers"


@pytest.mark.parametrize(
    ("status", "severity"),
    [
        ({"restartCount": 2, "ready": True, "state": {"running": {}}}, Severity.ERROR),
        ({"restartCount": 1, "ready": True, "state": {"running": {}}}, None),
        ({"restartCount": 0, "ready": False, "state": {"running": {}}}, Severity.ERROR),
        ({"restartCount": 1, "ready": False, "state": {"waiting": {"reason": "ContainerCreating"}}}, None),
        ({"restartCount": 9, "name": "other"}, None),
    ],
)
def test_pods_show_that_probes_fail(status: Json, severity: Severity | None) -> None:
    """One restart may have another cause, and a container that does not run yet need not be ready; another container says nothing."""
    live = pod(
        "cart-1", {"app": "cart"}, {"phase": "Running", "containerStatuses": [{"name": "main", **status}]}, OWNER, containers=[PROXY]
    )
    (found,) = findings(PROBES, namespace(), probed(OFF, livenessProbe=HTTP), live, STRICT, live=True)

    assert found.severity is severity
    assert found.message.startswith("The livenessProbe of container main is not rewritten: it is plain text")


def test_a_container_that_came_late() -> None:
    """It is in the pod and not in its template; what another webhook added has probes that nobody rewrote."""
    moved = {"httpGet": {"path": "/app-health/main/livez", "port": 15020}}
    agent = {"name": "agent", "image": "agent:1.0", "livenessProbe": {"httpGet": {"port": 9000}}}
    status = {"phase": "Running", "containerStatuses": [{"name": "agent", "restartCount": 12, "ready": False}]}
    containers = [{"name": "main", "image": "app:1.0", "livenessProbe": moved}, agent, PROXY]
    live = pod("cart-1", {"app": "cart"}, status, OWNER, containers=containers)
    (found,) = findings(PROBES, namespace(), probed(livenessProbe=HTTP), live, STRICT, live=True)

    assert "Container agent came after injection" in found.message
    assert found.severity is Severity.ERROR
    assert found.fix
    assert "excludeInboundPorts" in found.fix.summary
    assert found.fix.safety is Safety.MANUAL


def test_a_pod_alone_shows_it_by_its_other_probes() -> None:
    """Whatever made it was not read: the proxy was told of probes, and this one was not among them. Without that nobody knows."""
    told = {**PROXY, "env": [{"name": "ISTIO_KUBE_APP_PROBERS", "value": "{}"}]}
    agent = {"name": "agent", "image": "agent:1.0", "livenessProbe": {"httpGet": {"port": 9000}}}
    owner = {**OWNER, "kind": "ReplicaSet", "name": "cart-1"}
    for proxy, count in ((told, 1), (PROXY, 0)):
        alone = pod("cart-1", {"app": "cart"}, {"phase": "Running"}, owner, containers=[agent, proxy])
        found = findings(PROBES, namespace(), alone, STRICT, live=True)

        assert [item.path for item in found] == ["/spec/containers/0/livenessProbe"] * count


def test_policies_that_were_not_read_may_allow_it() -> None:
    """On a cluster whose policies may not be listed nothing is said."""
    assert findings(PROBES, namespace(), probed(OFF, livenessProbe=HTTP), STRICT, live=True)
    assert not findings(PROBES, namespace(), probed(OFF, livenessProbe=HTTP), STRICT, live=True, unread=(kinds.PEER_AUTHENTICATION,))


# ---------------------------------------------------------------- MF208


def replicas(count: int | None = 3, port: Json | None = None, annotations: Json | None = None, name: str = "ring") -> Json:
    """StatefulSet ring."""
    container = {"name": "main", "image": "app:1.0", "ports": [port or {"name": "gossip", "containerPort": 7946}]}
    made = {"metadata": {"labels": {"app": "ring"}, "annotations": annotations or {}}, "spec": {"containers": [container]}}
    return obj("apps/v1", "StatefulSet", "ring", spec={"replicas": count, "serviceName": name, "template": made})


def headless(*ports: int, name: str = "ring", ip: str = "None") -> Json:
    """A Service of the replicas."""
    listed = [{"name": f"tcp-{port}", "port": port} for port in ports]
    return obj("v1", "Service", name, spec={"clusterIP": ip, "selector": {"app": "ring"}, "ports": listed})


def test_a_port_between_replicas_is_on_no_headless_service() -> None:
    """By its name, or without one by its number; the fix adds it where there is a headless Service that selects them."""
    assert findings(PEERS, namespace(), replicas(port={"containerPort": 7946}), headless(80), STRICT)
    added = fix_of(PEERS, namespace(), replicas(), headless(80), STRICT)
    by_hand = fix_of(PEERS, namespace(), replicas(), headless(7946, ip="10.0.0.1"), STRICT)

    assert operations(added)[-1].value == {"name": "tcp-gossip", "port": 7946}
    assert added.safety is Safety.UNSAFE
    assert by_hand.safety is Safety.MANUAL


@pytest.mark.parametrize(
    "objects",
    [
        (replicas(1), headless(80), STRICT),
        (replicas(None), headless(80), STRICT),
        (replicas(), headless(7946), STRICT),
        (replicas(), headless(80, ip="10.0.0.1"), headless(7946, name="ring-peers"), STRICT),
        (replicas(), headless(80)),
        (replicas(), STRICT),
        (replicas(name=""), headless(80), STRICT),
        (replicas(port={"name": "http", "containerPort": 7946}), headless(80), STRICT),
        (replicas(port={"name": "gossip", "containerPort": 7946, "protocol": "UDP"}), headless(80), STRICT),
        (replicas(annotations={"traffic.sidecar.istio.io/excludeOutboundPorts": "80, 7946"}), headless(80), STRICT),
        (replicas(annotations={"traffic.sidecar.istio.io/excludeInboundPorts": "7946"}), headless(80), STRICT),
        (replicas(annotations={"sidecar.istio.io/inject": "false"}), headless(80), STRICT),
    ],
)
def test_replicas_that_reach_each_other(objects: tuple[Json, ...]) -> None:
    """One alone, a headless Service with the port, plain text, other ports, ports that bypass the proxy, and pods without one."""
    assert not findings(PEERS, namespace(), *objects)

"""Cases: what the scenes do not show. Together they reach every answer that a check of the chain can give."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from kubectl_meshfix.injection.chain import explain
from kubectl_meshfix.injection.explanation import Explanation
from kubectl_meshfix.injection.subjects import subject
from kubectl_meshfix.mesh.answers import Answers, Connected, NotAsked, Proxy, Push, Sync, proxy_of
from kubectl_meshfix.mesh.coverage import Coverage
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.meta import Object, Ref
from tests.injection.installations import R1, TAG_DEFAULT, decoded, injector, istiod, mesh, node
from tests.injection.reaching.certificates import EXPIRED, OTHER_ROOT
from tests.injection.scenes import (
    CALL,
    HEALTHY,
    backend,
    cluster,
    deployment,
    event,
    hooks,
    pod,
    replica_set,
    space,
    template,
)
from tests.injection.waypoints import FAILING, USE, USE_NAMESPACE, service, waypoint

ENABLED = {"istio-injection": "enabled"}
INJECT, REV, MODE, NATIVE = "sidecar.istio.io/inject", "istio.io/rev", "istio.io/dataplane-mode", "sidecar.istio.io/nativeSidecar"
MIGRATE = {"name": "migrate", "image": "m:1", "command": ["./manage.py", "migrate"]}
PAST = "2000-01-01T00:00:00Z"
DENIED = 'admission webhook "namespace.sidecar-injector.istio.io" denied the request: '

MESSAGES = (
    CALL + "no service port 443 found for service",
    CALL + "the server could not find the requested resource",
    CALL + "received invalid webhook response: expected response.uid",
    CALL + "something new",
    'failed calling webhook "validate.example.com": connection refused',
    DENIED + "failed to parse values.yaml: yaml",
    DENIED + "Template_Version_And_Istio_Version_Mismatched_Check_Installation",
    DENIED + "failed to run injection template: template: inject:1: nil pointer",
    DENIED + "no reason that anybody knows",
    'error looking up service account shop/cart: serviceaccount "cart" not found',
    "pods is forbidden for a reason of its own",
    'admission webhook "check.example.com" denied the request: [no-caps] container <istio-init> may not add NET_ADMIN',
    "ValidatingAdmissionPolicy 'no-latest' with binding 'all' denied request: images need a tag",
    "ValidatingAdmissionPolicy 'no-caps' with binding 'all' denied request: istio-init adds a capability",
    'violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false (container "cart" must set it)',
    "unable to validate against any security context constraint: [.containers[0].runAsUser: Invalid value: 0: must be in the ranges]",
)
"""Words of the API server for a pod that was not created, beyond those of the scenes."""


class Case(NamedTuple):
    """A snapshot and the object of it that is explained."""

    mesh: Mesh
    kind: str = "Deployment"
    name: str = "cart"
    is_manifest: bool = False


def edited(obj: Object, **webhook: Any) -> Object:
    """A webhook configuration with the same fields put into each of its webhooks."""
    raw = json.loads(msgspec.json.encode(obj))
    for item in raw["webhooks"]:
        item.update(webhook)
    return decoded(raw)


def relabelled(obj: Object, labels: Mapping[str, str]) -> Object:
    """The object with these labels alone."""
    return msgspec.structs.replace(obj, metadata=msgspec.structs.replace(obj.metadata, labels=dict(labels)))


def unplaced(obj: Object) -> Object:
    """The object as a document that names no namespace."""
    return msgspec.structs.replace(obj, metadata=msgspec.structs.replace(obj.metadata, namespace=None, home="default"))


def spaced(labels: Mapping[str, str], pod_template: Mapping[str, Any] | None = None) -> Case:
    """A pod template in a namespace with labels, on a healthy cluster without pods."""
    return Case(cluster(HEALTHY, space(labels), deployment(pod_template)))


def installed(*objects: Any, pod_template: Mapping[str, Any] | None = None, coverage: Any = None) -> Case:
    """A Deployment in an injected namespace, among these objects of an installation."""
    return Case(cluster(*objects, space(ENABLED), deployment(pod_template), coverage=coverage))


def configured(*others: Any, pod_template: Mapping[str, Any] | None = None, **config: Any) -> Case:
    """The same with an injector that is configured so."""
    return installed(hooks(), backend(), istiod(), injector(**config), node("n", "v1.32.0"), *others, pod_template=pod_template)


def versioned(image: str, **env: str) -> Case:
    """The same with an istiod of a version and with settings."""
    return installed(hooks(), backend(), istiod(image=image, **env), injector(), node("n", "v1.33.0"))


def annotated(annotations: Mapping[str, str], **config: Any) -> Case:
    """The same with annotations on the pod template."""
    return configured(pod_template=template(annotations=annotations), **config)


def running(made: Object, *others: Any) -> Case:
    """A Deployment with one pod, in an injected namespace of a healthy cluster."""
    return Case(cluster(HEALTHY, space(ENABLED), deployment(), replica_set(), made, *others))


def initial(name: str, **state: Any) -> Object:
    """A pod whose init container is in some state."""
    return pod(injected=True, phase="Pending", init={"name": name, "restartCount": 1, "state": state})


def scaled(replicas: int, ready: int = 0, **status: Any) -> Object:
    """An istiod of so many pods."""
    raw = json.loads(msgspec.json.encode(istiod()))
    raw["spec"]["replicas"] = replicas
    raw["status"] = {"readyReplicas": ready, **status}
    return decoded(raw)


def batch(kind: str, spec: Mapping[str, Any]) -> Object:
    """A Job or CronJob called cart."""
    return decoded({"apiVersion": "batch/v1", "kind": kind, "metadata": {"name": "cart", "namespace": "shop"}, "spec": dict(spec)})


def asleep(replicas: int) -> Object:
    """Deployment shop/cart with so many replicas."""
    raw = json.loads(msgspec.json.encode(deployment()))
    raw["spec"]["replicas"] = replicas
    return decoded(raw)


OTHER_WEBHOOK = decoded(
    {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "MutatingWebhookConfiguration",
        "metadata": {"name": "aaa-policy"},
        "webhooks": [
            {
                "name": "policy.example.com",
                "rules": [{"operations": ["CREATE"], "apiGroups": [""], "apiVersions": ["v1"], "resources": ["pods"]}],
            }
        ],
    }
)
NEVER_MATCH = {"matchLabels": {"istio.io/deactivated": "never-match"}}
CEL = [{"name": "some", "expression": "true"}]
FORBIDDEN = Coverage(reason="forbidden")
OWN_SIDECAR = {"app": "cart", "batch": "1"}
"""Labels that a selector of the cases below selects."""
SELECTOR = [{"matchLabels": {"batch": "1"}}]


def broken_injector() -> Object:
    """An injector's ConfigMap that nobody can read."""
    raw = json.loads(msgspec.json.encode(injector()))
    raw["data"]["config"] = "policy: ["
    return decoded(raw)


def cases() -> Iterator[Case]:
    """All of them."""
    yield from _webhooks()
    yield from _calls()
    yield from _decisions()
    yield from _sidecars()
    yield from _early()
    yield from _probed()
    yield from _ignored()
    yield from _pods()
    yield from _asked()
    for message in MESSAGES:
        yield Case(cluster(HEALTHY, space(ENABLED), deployment(), replica_set(message)))
    for message in (CALL + 'service "istiod" not found', MESSAGES[0], CALL + "no endpoints available"):
        unread = {kinds.SERVICE: FORBIDDEN, kinds.ENDPOINT_SLICE: FORBIDDEN}
        yield installed(hooks(), injector(), replica_set(message), coverage=unread)
    for message in ("exceeded quota: small", "maximum cpu usage per Container is 1"):
        yield Case(cluster(HEALTHY, space({}), deployment(), replica_set(message)))


def _webhooks() -> Iterator[Case]:
    yield Case(mesh(space(ENABLED), deployment()), is_manifest=True)
    yield Case(mesh(hooks(), space(ENABLED), deployment()), is_manifest=True)
    yield Case(mesh(deployment(), hooks()), is_manifest=True)
    yield Case(mesh(hooks(), unplaced(deployment())), is_manifest=True)
    yield installed(HEALTHY[1:], coverage={kinds.MUTATING_WEBHOOK_CONFIGURATION: FORBIDDEN})
    yield installed(HEALTHY[1:])
    yield installed(hooks(every_namespace=True), HEALTHY[1:])
    yield Case(cluster(hooks(every_namespace=True), HEALTHY[1:], space(), deployment()))
    yield spaced(ENABLED, template({INJECT: "false"}))
    yield spaced({}, template({REV: "canary"}))
    yield spaced({}, template({INJECT: "yes"}))
    yield Case(cluster(hooks(R1, "r1"), HEALTHY[1:], space(), deployment(template({INJECT: "true"}))))
    yield installed(edited(hooks(), namespaceSelector={}, objectSelector={}), HEALTHY[1:])
    yield installed(edited(hooks(), rules=[]), HEALTHY[1:])
    yield installed(edited(hooks(), matchConditions=CEL), HEALTHY[1:])
    yield installed(HEALTHY, hooks(TAG_DEFAULT, "default", value="default", tag="default"))
    resting = edited(hooks(), namespaceSelector=NEVER_MATCH, objectSelector=NEVER_MATCH)
    yield installed(resting, hooks(TAG_DEFAULT, "default", value="default", tag="default"), HEALTHY[1:])
    yield Case(cluster(resting, hooks(R1, "r1"), HEALTHY[1:], space({}), deployment()))
    yield installed(HEALTHY, OTHER_WEBHOOK)


def _calls() -> Iterator[Case]:
    service, endpoints, root = backend()
    yield installed(edited(hooks(ca=""), clientConfig={"url": "https://istiod.example.com/inject"}), HEALTHY[1:])
    refused = {kinds.SERVICE: FORBIDDEN, kinds.ENDPOINT_SLICE: FORBIDDEN}
    yield installed(hooks(), root, injector(), coverage=refused)
    yield installed(hooks(), endpoints, root, istiod(), injector())
    yield installed(edited(hooks(), clientConfig={"service": {"name": "istiod", "namespace": "istio-system", "port": 8443}}), HEALTHY[1:])
    yield installed(hooks(), backend(ready=False), istiod(), injector())
    yield installed(hooks(), service, root, scaled(1), injector())
    yield installed(hooks(), service, root, scaled(0), injector())
    yield installed(hooks(), root, scaled(1, ready=1), injector())
    yield installed(hooks(), backend(), scaled(2, ready=2), injector())
    yield installed(hooks(), backend(), injector())
    yield installed(relabelled(hooks(ca=""), {}), HEALTHY[1:])
    yield installed(hooks(ca=""), HEALTHY[1:])
    yield installed(hooks(ca="no certificate"), HEALTHY[1:])
    yield installed(hooks(ca=EXPIRED, policy="Ignore"), HEALTHY[1:])
    yield installed(hooks(ca=OTHER_ROOT), HEALTHY[1:])
    yield installed(hooks(), service, endpoints, istiod(), injector())
    objects = [*HEALTHY, space(ENABLED), deployment()]
    yield Case(Mesh(objects, live=True, taken_at=PAST))


def _decisions() -> Iterator[Case]:
    broken = (hooks(), backend(), istiod(), broken_injector())
    yield installed(*broken)
    ignored = decoded({**json.loads(msgspec.json.encode(deployment())), "metadata": {"name": "cart", "namespace": "kube-system"}})
    yield Case(cluster(HEALTHY, space(ENABLED, name="kube-system"), ignored))
    yield configured(pod_template=template(annotations={INJECT: "maybe"}))
    yield configured(pod_template=template(annotations={INJECT: "false"}))
    old = istiod(image="docker.io/istio/pilot:1.26.0")
    yield installed(hooks(), backend(), old, injector(), pod_template=template(annotations={INJECT: "no"}))
    yield configured(pod_template=template(OWN_SIDECAR), neverInjectSelector=SELECTOR)
    yield configured(pod_template=template(OWN_SIDECAR), alwaysInjectSelector=SELECTOR)
    yield configured(neverInjectSelector=[{}], alwaysInjectSelector=[{}])
    yield configured(policy="off")
    yield annotated({"inject.istio.io/templates": "canary"})
    yield annotated({"sidecar.istio.io/interceptionMode": "sideways"})
    yield annotated({"istio.io/reroute-virtual-interfaces": "?"})


def _sidecars() -> Iterator[Case]:
    yield annotated({"inject.istio.io/templates": "gateway"})
    yield annotated({"inject.istio.io/templates": "mine"}, templates={"mine": "spec: {}"})
    yield annotated({NATIVE: "true"})
    yield annotated({NATIVE: "false"})
    yield versioned("docker.io/istio/pilot:1.18.0")
    yield versioned("docker.io/istio/pilot:1.30.0")
    yield versioned("docker.io/istio/pilot:1.30.0", ENABLE_NATIVE_SIDECARS="true")
    yield versioned("docker.io/istio/pilot:1.30.0", ENABLE_NATIVE_SIDECARS="false")
    yield versioned("docker.io/istio/pilot:1.26.0")
    yield installed(HEALTHY[:-1], coverage={kinds.NODE: FORBIDDEN})
    yield annotated({"proxy.istio.io/config": "holdApplicationUntilProxyStarts: true"})
    yield annotated({"sidecar.istio.io/interceptionMode": "NONE"})
    own = template(initContainers=[{"name": "migrate", "image": "m:1"}])
    yield configured(pod_template=own, values={"pilot": {"cni": {"enabled": True}}})
    yield configured(values={"pilot": {"cni": {"enabled": True}}})


def _early() -> Iterator[Case]:
    """Init containers that need the network: with the CNI agent and without it, exempt from redirection, and failing."""
    agent = {"pilot": {"cni": {"enabled": True}}}
    own = template(initContainers=[MIGRATE])
    yield configured(pod_template=own)
    yield annotated({"proxy.istio.io/config": "holdApplicationUntilProxyStarts: true"}, values=agent)
    waiting = {"proxy.istio.io/config": "holdApplicationUntilProxyStarts: true"}
    yield configured(pod_template=template(annotations=waiting, initContainers=[MIGRATE]), values=agent)
    exempt = template(initContainers=[{**MIGRATE, "securityContext": {"runAsUser": 1337}}])
    yield configured(pod_template=exempt, values=agent)
    with_agent = template(initContainers=[{"name": "istio-validation", "image": "p"}, MIGRATE])
    for made in (with_agent, own, template(initContainers=[{"name": "copy", "image": "c", "command": ["cp", "a", "b"]}])):
        name = made["spec"]["initContainers"][-1]["name"]
        yield running(pod(made, injected=True, phase="Pending", init={"name": name, "state": {"terminated": {"exitCode": 1}}}))


def _probed() -> Iterator[Case]:
    """Probes that nobody moved to the proxy's agent: one that the proxy closes, and one of which nobody says why it fails."""
    container = {"name": "cart", "image": "cart:1", "livenessProbe": {"httpGet": {"port": 8080}}}
    failing = {"cart": {"ready": False, "restartCount": 12}}
    made = pod(template(containers=[container]), injected=True, states=failing)
    reset = 'Liveness probe failed: Get "http://10.0.0.9:8080/": read: connection reset by peer'
    yield running(made, event("Unhealthy", reset))
    yield running(made)


def _ignored() -> Iterator[Case]:
    """Labels that have no effect beside others."""
    yield spaced({**ENABLED, REV: "canary"}, template({REV: "other"}))
    yield spaced({**ENABLED, MODE: "ambient"}, template({MODE: "ambient"}))
    dumped = decoded({**json.loads(msgspec.json.encode(deployment())), "status": {"replicas": 1}})
    yield Case(mesh(hooks(), space(ENABLED), dumped))


def _pods() -> Iterator[Case]:
    yield Case(cluster(HEALTHY, space(ENABLED)), "Namespace", "shop")
    yield Case(cluster(HEALTHY, space(ENABLED), asleep(0)))
    spec = {"template": template(restartPolicy="Never")}
    yield Case(cluster(HEALTHY, space(ENABLED), batch("Job", {**spec, "suspend": True})), "Job")
    yield Case(cluster(HEALTHY, space(ENABLED), batch("CronJob", {"jobTemplate": {"spec": spec}})), "CronJob")
    second = msgspec.structs.replace(pod(), metadata=msgspec.structs.replace(pod().metadata, name="cart-1-y"))
    yield running(pod(injected=True), second)
    yield Case(cluster(HEALTHY, space(ENABLED), deployment(), replica_set(MESSAGES[1]), pod(injected=True)))
    for kind in (kinds.POD, kinds.EVENT):
        yield Case(cluster(HEALTHY, space(ENABLED), deployment(), coverage={kind: FORBIDDEN}))
    gateway = template(containers=[{"name": "istio-proxy", "image": "proxyv2:1"}])
    yield Case(mesh(hooks(), space(ENABLED), deployment(gateway)), is_manifest=True)
    yield running(pod())
    yield Case(cluster(HEALTHY, space({MODE: "ambient"}), deployment(), replica_set(), pod()))
    yield spaced({}, template({MODE: "ambient"}))
    yield running(pod(template({INJECT: "false"})))
    yield from _waypoints()
    failing = (hooks(policy="Ignore"), backend(ready=False), istiod(), injector())
    yield Case(cluster(*failing, space(ENABLED), deployment(), replica_set(), pod()))
    done = {"terminated": {"exitCode": 0}}
    for name in ("istio-init", "istio-validation"):
        yield running(initial(name, **done))
        yield running(initial(name, waiting={"reason": "ErrImagePull"}))
        yield running(initial(name, terminated={"exitCode": 1}))
    waiting = {"ready": False, "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off"}}}
    yield running(pod(injected=True, states={"istio-proxy": waiting}))
    yield running(pod(injected=True, revision="1-20"))
    tagged = injector(values={"global": {"tag": "1.31.0", "hub": "docker.io/istio", "proxy": {"image": "proxyv2"}}})
    objects = (hooks(), backend(), istiod(), tagged, node("n", "v1.32.0"), space(ENABLED), deployment(), replica_set())
    yield Case(cluster(*objects, pod(injected=True)))


def _waypoints() -> Iterator[Case]:
    labels, enrolled = {MODE: "ambient", USE: "waypoint"}, pod(template(annotations={"ambient.istio.io/redirection": "enabled"}))
    made = (HEALTHY, space(labels), deployment(), replica_set(), enrolled)
    yield Case(cluster(*made))
    yield Case(cluster(*made, waypoint()))
    yield Case(cluster(*made, waypoint(addressed=False)))
    yield Case(cluster(*made, waypoint(condition=FAILING)))
    yield Case(cluster(*made, coverage={kinds.KUBERNETES_GATEWAY: FORBIDDEN}))
    yield Case(cluster(*made, waypoint(labels={"istio.io/waypoint-for": "workload"}), service({USE: "waypoint"})))
    apart = space({MODE: "ambient", USE: "waypoint", USE_NAMESPACE: "edge"})
    yield Case(cluster(HEALTHY, apart, deployment(), waypoint(namespace="edge")))
    yield Case(mesh(space(labels), deployment(), waypoint(addressed=False, condition={})), is_manifest=True)


ISTIOD_POD, CART_POD = Ref("v1", "Pod", "istio-system", "istiod-1"), Ref("v1", "Pod", "shop", "cart-1-x")
REFUSED = "Error adding/updating listener(s) virtualInbound: Didn't find a registered implementation for 'x' with type URL: 'acme.Filter'"
EVERYONE = Answers(is_every_istiod=True)
NO_ISTIOD = Answers(missing=(NotAsked(subject="istiods in namespace istio-system", reason="not allowed to list pods"),))


def answered(answers: Answers, *, ready: bool = True, env: Sequence[Mapping[str, str]] = ()) -> Case:
    """A Deployment whose proxy runs, in a cluster where istiod and the proxy were asked."""
    state = {"istio-proxy": {"ready": ready, "restartCount": 0, "state": {"running": {}}}}
    raw = json.loads(msgspec.json.encode(pod(injected=True, states=state)))
    raw["status"] |= {"podIP": "10.0.0.9", "startTime": PAST, "conditions": [{"type": "Ready", "status": str(ready)}]}
    for container in raw["spec"]["containers"]:
        if container["name"] == "istio-proxy":
            container["env"] = list(env)
    own = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "istiod-1", "namespace": "istio-system", "labels": {"app": "istiod"}},
        "status": {"conditions": [{"type": "Ready", "status": "True"}]},
    }
    case = running(decoded(raw), decoded(own))
    return case._replace(mesh=case.mesh.with_answers(answers))


def serving(*pushes: Push) -> Answers:
    """An istiod that sends the proxy this."""
    row = Connected(namespace="shop", name="cart-1-x", istiod=ISTIOD_POD, version="1.31.0", pushes=pushes)
    return Answers(is_every_istiod=True, connected=(row,), missing=(NotAsked(subject=proxy_of(CART_POD), reason="it answers with HTML"),))


def saying(*, connected: bool | None = None, seconds: float | None = None, everyone: bool = True) -> Answers:
    """A proxy that says this of itself, and no istiod that names it."""
    proxy = Proxy(pod=CART_POD, is_connected=connected, certificate_seconds=seconds)
    return Answers(is_every_istiod=everyone, proxies=(proxy,), missing=() if everyone else NO_ISTIOD.missing)


def _asked() -> Iterator[Case]:
    """What istiod and the proxy say where they are asked."""
    synced, refused = Push(type="CDS", sync=Sync.SYNCED), Push(type="LDS", sync=Sync.ERROR, error=REFUSED)
    yield answered(serving(synced))
    yield answered(serving(synced, refused))
    yield answered(serving(refused), ready=False)
    yield answered(serving(Push(type="EDS", sync=Sync.STALE)))
    yield answered(serving(synced, Push(type="RDS", sync=Sync.STALE, sent=PAST)))
    yield answered(EVERYONE)
    yield answered(NO_ISTIOD)
    yield answered(saying(connected=True))
    yield answered(saying(connected=False, everyone=False))
    own = ({"name": "CA_ADDR", "value": "istiod.istio-system.svc:15012"},)
    for seconds in (80_000, 1_200, -60):
        yield answered(saying(connected=True, seconds=seconds), env=own)


def explanation(case: Case) -> Explanation:
    """The explanation of a case."""
    found = next(obj for obj in case.mesh.objects if (obj.kind, obj.name) == (case.kind, case.name))
    return explain(case.mesh, subject(case.mesh, found, from_manifest=case.is_manifest))

"""What the rules about the control plane say, and when they say nothing."""

from base64 import b64encode
from itertools import chain

import pytest
import yaml

from kubectl_meshfix.mesh.coverage import Coverage
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.meta import Object
from kubectl_meshfix.rules import page as page_of
from kubectl_meshfix.rules.control_plane import (
    eviction_forbidden,
    gateway_without_address,
    istiod_not_ready,
    node_agent_not_ready,
    root_certificate_ends,
    split_default_revision,
    unread_revision,
    validation_webhook_unreachable,
)
from kubectl_meshfix.rules.injection import injection_webhook_unreachable
from kubectl_meshfix.rules.pages import examples
from kubectl_meshfix.rules.rule import Finding, Rule, Severity
from tests.injection.installations import decoded
from tests.rules.asking import asked

UNREACHABLE, INJECTOR = validation_webhook_unreachable.RULE, injection_webhook_unreachable.RULE
ISTIOD, ROOT, AGENT = istiod_not_ready.RULE, root_certificate_ends.RULE, node_agent_not_ready.RULE
ADDRESS, BUDGET, REVISION, SPLIT = (
    gateway_without_address.RULE,
    eviction_forbidden.RULE,
    unread_revision.RULE,
    split_default_revision.RULE,
)
NOON = "2026-03-01T12:00:00Z"


def objects(*texts: str) -> list[Object]:
    """The objects of some YAML texts."""
    return [decoded(item) for item in chain.from_iterable(map(yaml.safe_load_all, texts)) if item]


def said(rule: Rule, *texts: str, at: str | None = NOON, coverage: dict[kinds.Kind, Coverage] | None = None) -> list[Finding]:
    """What a rule says of a cluster with these objects, read at a time."""
    return asked(rule, Mesh(objects(*texts), live=True, taken_at=at, coverage=coverage))


def validator(name: str = "istiod-default-validator", *, service: str = "istiod", policy: str = "Fail", more: str = "") -> str:
    """A validation webhook as the chart has it."""
    return f"""
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {{name: {name}, labels: {{istio.io/rev: default}}}}
webhooks:
- name: validation.istio.io
  failurePolicy: {policy}
  clientConfig:
    service: {{name: {service}, namespace: istio-system, path: /validate}}
    caBundle: {BUNDLE}
{more}"""


def injector(selector: str = "{key: istio-injection, operator: In, values: [enabled]}") -> str:
    """The injector's webhook."""
    return f"""
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingWebhookConfiguration
metadata: {{name: istio-sidecar-injector, labels: {{istio.io/rev: default}}}}
webhooks:
- name: namespace.sidecar-injector.istio.io
  clientConfig:
    service: {{name: istiod, namespace: istio-system, path: /inject}}
    caBundle: {BUNDLE}
  rules: [{{operations: [CREATE], apiGroups: [""], apiVersions: [v1], resources: [pods]}}]
  namespaceSelector: {{matchExpressions: [{selector}]}}
"""


def istiod(status: str = "{replicas: 1, readyReplicas: 1, conditions: [{type: Available, status: 'True'}]}", replicas: int = 1) -> str:
    """An istiod and its Service."""
    return f"""
apiVersion: v1
kind: Service
metadata: {{name: istiod, namespace: istio-system}}
spec: {{selector: {{app: istiod}}, ports: [{{name: https-webhook, port: 443, targetPort: 15017}}]}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {{name: istiod, namespace: istio-system, labels: {{app: istiod}}}}
spec:
  replicas: {replicas}
  selector: {{matchLabels: {{app: istiod}}}}
  template:
    metadata: {{labels: {{app: istiod}}}}
    spec: {{containers: [{{name: discovery, image: "docker.io/istio/pilot:1.30.0"}}]}}
status: {status}
"""


def root(page: str = "bad") -> str:
    """The ConfigMap with the root of the rule's page, which ends on 2026-02-09; of ``good`` in 2036."""
    found = next(example for example in examples(page_of(ROOT)) if example.what == page)
    return found.text


def certificate(page: str = "good") -> str:
    """The certificate of such a root, in base64 as webhooks have it."""
    return b64encode(yaml.safe_load(root(page))["data"]["root-cert.pem"].encode()).decode()


BUNDLE = certificate()
SLICE = """
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: istiod-1, namespace: istio-system, labels: {kubernetes.io/service-name: istiod}}
endpoints: [{addresses: [10.0.0.9], conditions: {ready: true}}]
"""
DOWN = "{replicas: 1, conditions: [{type: Available, status: 'False'}]}"
ENTRY = """
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: rates, namespace: shop}
spec: {hosts: [rates.example.com], resolution: DNS}
"""
SHOP = "{apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: {istio-injection: enabled}}}"


def test_a_validator_that_is_answered_is_fine() -> None:
    """Service, port, endpoints and certificate are as they should be: nothing is said."""
    assert not said(UNREACHABLE, validator(), istiod(), SLICE, root("good"), ENTRY)


def test_a_left_over_validator_refuses_every_object() -> None:
    """Its Service does not exist: an error, and its own configuration is what is to be deleted."""
    (found,) = said(UNREACHABLE, validator(service="istiod-1-28"), istiod(), SLICE, ENTRY)
    assert found.severity is Severity.ERROR
    assert found.fix
    assert found.fix.commands == ("kubectl delete validatingwebhookconfiguration istiod-default-validator",)


def test_a_validator_that_opens_lets_invalid_objects_in() -> None:
    """With failurePolicy Ignore it is a warning, and the message says the other effect."""
    (found,) = said(UNREACHABLE, validator(service="istiod-1-28", policy="Ignore"), istiod(), SLICE, ENTRY)
    assert (found.severity, found.message.endswith("Invalid Istio objects are stored.")) == (Severity.WARNING, True)


def test_a_validator_of_objects_that_nobody_has_is_a_warning() -> None:
    """A webhook of a revision asks for objects with its label; where none has it, nobody is refused today."""
    selector = "  objectSelector: {matchExpressions: [{key: istio.io/rev, operator: In, values: [1-28]}]}\n"
    labelled = ENTRY.replace("namespace: shop", "namespace: shop, labels: {istio.io/rev: 1-28}")
    (found,) = said(UNREACHABLE, validator(service="istiod-1-28", more=selector), istiod(), SLICE, ENTRY)
    (used,) = said(UNREACHABLE, validator(service="istiod-1-28", more=selector), istiod(), SLICE, labelled)
    assert (found.severity, used.severity) == (Severity.WARNING, Severity.ERROR)
    assert "with istio.io/rev=1-28" in found.message


def test_what_was_not_read_is_not_missing() -> None:
    """Without the right to list Services and EndpointSlices, nobody knows that a call fails."""
    unread = {kind: Coverage(reason="forbidden") for kind in (kinds.SERVICE, kinds.ENDPOINT_SLICE, kinds.DEPLOYMENT)}
    assert not said(UNREACHABLE, validator(service="istiod-1-28"), ENTRY, coverage=unread)


def test_an_istiod_elsewhere_needs_no_endpoints() -> None:
    """A Service of type ExternalName leads to an istiod outside of the cluster, by its name and the webhook's port."""
    elsewhere = """
apiVersion: v1
kind: Service
metadata: {name: istiod, namespace: istio-system}
spec: {type: ExternalName, externalName: istiod.example.com}
"""
    assert not said(UNREACHABLE, validator(), elsewhere, root("good"), ENTRY)
    assert not said(INJECTOR, injector(), elsewhere, root("good"), SHOP)


def test_another_root_than_the_meshs_is_told() -> None:
    """A caBundle that does not hold the mesh's root makes every call fail."""
    (found,) = said(UNREACHABLE, validator(), istiod(), SLICE, root("bad"), ENTRY, at="2026-01-01T00:00:00Z")
    assert found.path == "/webhooks/0/clientConfig/caBundle"


@pytest.mark.parametrize(("selector", "speaks"), [("{key: istio-injection, operator: In, values: [enabled]}", INJECTOR), ("", ISTIOD)])
def test_an_istiod_that_is_down_is_told_once(selector: str, speaks: Rule) -> None:
    """The injector's webhook says it where it takes pods, else istiod's Deployment, and never the validation webhook."""
    webhook = (injector(selector),) if selector else ()
    texts = (validator(), *webhook, istiod(DOWN), root("good"), ENTRY, SHOP)
    assert [rule.code for rule in (INJECTOR, ISTIOD, UNREACHABLE) for _ in said(rule, *texts)] == [speaks.code]


def test_the_injector_names_the_validator_of_the_same_service() -> None:
    """One Service that lacks a port is told once, with both webhooks that call it."""
    broken = istiod().replace("port: 443", "port: 8443")
    (found,) = said(INJECTOR, validator(), injector(), broken, SLICE, root("good"), ENTRY, SHOP)
    assert "ValidatingWebhookConfiguration istiod-default-validator calls the same Service" in found.evidence
    assert not said(UNREACHABLE, validator(), injector(), broken, SLICE, root("good"), ENTRY, SHOP)


def test_an_istiod_that_is_scaled_to_nothing_counts_by_its_proxies() -> None:
    """A retired revision is at 0 replicas for good reason, unless pods still have its proxies."""
    pod = """
apiVersion: v1
kind: Pod
metadata: {name: cart, namespace: shop, annotations: {sidecar.istio.io/status: '{"revision": "default"}'}}
spec: {containers: [{name: istio-proxy, image: "docker.io/istio/proxyv2:1.30.0"}]}
"""
    retired = istiod("{conditions: [{type: Available, status: 'True'}]}", replicas=0)
    assert not said(ISTIOD, retired)
    (found,) = said(ISTIOD, retired, pod)
    assert "scaled to 0, and 1 pod has its proxy" in found.message


def test_an_istiod_that_was_just_made_may_start() -> None:
    """Five minutes are enough for an image and a start."""
    made = "labels: {app: istiod}, creationTimestamp: '2026-03-01T11:%s:00Z'"
    assert not said(ISTIOD, istiod(DOWN).replace("labels: {app: istiod}", made % 58, 1))
    assert said(ISTIOD, istiod(DOWN).replace("labels: {app: istiod}", made % 48, 1))


def test_a_rollout_that_hangs_is_a_warning() -> None:
    """Old pods serve, and the new ones do not become ready."""
    late = "{replicas: 2, readyReplicas: 1, conditions: [{type: Progressing, status: 'False', reason: ProgressDeadlineExceeded}]}"
    (found,) = said(ISTIOD, istiod(late))
    assert (found.severity, found.path) == (None, "/spec/template")


@pytest.mark.parametrize(
    ("at", "severity"),
    [("2026-01-09T00:00:00Z", "none"), ("2026-01-11T00:00:00Z", None), ("2026-02-10T00:00:00Z", Severity.ERROR), (None, "none")],
)
def test_a_root_is_told_a_month_before_it_ends(at: str | None, severity: object) -> None:
    """It ends on 2026-02-09: silent until 30 days before, a warning then, an error after; without a clock nothing is known."""
    text = root().replace('  creationTimestamp: "2026-01-20T08:00:00Z"\n', "")
    found = said(ROOT, text, at=at)
    assert [row.severity for row in found] == ([] if severity == "none" else [severity])


def test_of_several_roots_the_last_counts() -> None:
    """A root that has ended beside one that goes on is what a change of roots leaves, and proxies trust the other."""
    both = yaml.safe_load(root())
    both["data"]["root-cert.pem"] += yaml.safe_load(root("good"))["data"]["root-cert.pem"]
    assert not said(ROOT, yaml.safe_dump(both))


def test_copies_of_one_root_are_told_once_beside_istiod() -> None:
    """The ConfigMap is in every namespace."""
    copy = root().replace("namespace: istio-system", "namespace: apps")
    (found,) = said(ROOT, copy, root(), istiod())
    assert found.resource.namespace == "istio-system"


@pytest.mark.parametrize(
    ("label", "expected"),
    [("default", []), ("canary", [None]), ("", [None])],
)
def test_a_label_of_no_revision_is_told(label: str, expected: list[Severity | None]) -> None:
    """An object without the label, or with that of a revision that is there, is read; also an empty value names none."""
    labelled = ENTRY.replace("namespace: shop", f"namespace: shop, labels: {{istio.io/rev: '{label}'}}")
    assert not said(REVISION, ENTRY, istiod())
    assert [row.severity for row in said(REVISION, labelled, istiod())] == expected


def test_a_revision_may_be_where_nobody_looked() -> None:
    """Without all Deployments and webhooks, another istiod may be there; without any istiod nothing is said."""
    labelled = ENTRY.replace("namespace: shop", "namespace: shop, labels: {istio.io/rev: canary}")
    assert not said(REVISION, labelled, istiod(), coverage={kinds.MUTATING_WEBHOOK_CONFIGURATION: Coverage(reason="forbidden")})
    assert not said(REVISION, labelled)


def service(*, kind: str = "LoadBalancer", made: str = "2026-03-01T11:00:00Z", more: str = "") -> str:
    """A gateway's Service without an address, and its Deployment."""
    return f"""
apiVersion: v1
kind: Service
metadata: {{name: public, namespace: ingress, creationTimestamp: "{made}"}}
spec: {{type: {kind}, selector: {{istio: public}}{more}}}
status: {{loadBalancer: {{}}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {{name: public, namespace: ingress}}
spec:
  replicas: 1
  selector: {{matchLabels: {{istio: public}}}}
  template:
    metadata: {{labels: {{istio: public}}, annotations: {{inject.istio.io/templates: gateway}}}}
    spec: {{containers: [{{name: istio-proxy, image: auto}}]}}
"""


@pytest.mark.parametrize(
    ("text", "count"),
    [
        (service(), 1),
        (service(kind="NodePort"), 0),
        (service(made="2026-03-01T11:55:00Z"), 0),
        (service(more=", externalIPs: [203.0.113.7]"), 0),
        (service().replace("loadBalancer: {}", "loadBalancer: {ingress: [{hostname: lb.example.com}]}"), 0),
        (service().replace("inject.istio.io/templates: gateway", "a: b").replace("name: istio-proxy", "name: app"), 0),
    ],
)
def test_only_a_gateway_that_has_waited_is_told(text: str, count: int) -> None:
    """A Service of another type, a young one, one with an address of any kind, and one of an application are none of the rule's."""
    assert len(said(ADDRESS, text)) == count


def budget(spec: str) -> str:
    """A budget for the gateway."""
    return f"""
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {{name: public, namespace: ingress}}
spec: {{{spec}, selector: {{matchLabels: {{istio: public}}}}}}
"""


@pytest.mark.parametrize(
    ("spec", "replicas", "count"),
    [
        ("minAvailable: 1", 1, 1),
        ("minAvailable: 1", 2, 0),
        ("maxUnavailable: 0", 3, 1),
        ("maxUnavailable: 1", 1, 0),
        ("minAvailable: 50%", 1, 1),
        ("minAvailable: 50%", 2, 0),
        ("minAvailable: 1", 0, 0),
    ],
)
def test_a_budget_that_wants_all_pods_is_told(spec: str, replicas: int, count: int) -> None:
    """Percentages are rounded up, as the disruption controller does; a gateway without pods holds up no drain."""
    assert len(said(BUDGET, budget(spec), service().replace("replicas: 1", f"replicas: {replicas}"))) == count


def agents(*, node: str = "node-1", ready: str = "True", made: str = "2026-02-01T00:00:00Z") -> str:
    """A ztunnel with a pod on a node, and a pod of ambient on node-1."""
    return f"""
apiVersion: apps/v1
kind: DaemonSet
metadata: {{name: ztunnel, namespace: istio-system}}
spec:
  selector: {{matchLabels: {{app: ztunnel}}}}
  template:
    metadata: {{labels: {{app: ztunnel}}}}
    spec: {{containers: [{{name: istio-proxy, args: [proxy, ztunnel]}}]}}
---
apiVersion: v1
kind: Pod
metadata:
  name: ztunnel-1
  namespace: istio-system
  creationTimestamp: "{made}"
  ownerReferences: [{{apiVersion: apps/v1, kind: DaemonSet, name: ztunnel, controller: true}}]
spec: {{nodeName: {node}, containers: [{{name: istio-proxy, args: [proxy, ztunnel]}}]}}
status: {{phase: Running, conditions: [{{type: Ready, status: "{ready}"}}]}}
---
apiVersion: v1
kind: Pod
metadata: {{name: cart, namespace: shop, annotations: {{ambient.istio.io/redirection: enabled}}}}
spec: {{nodeName: node-1, containers: [{{name: cart}}]}}
status: {{phase: Running}}
"""


@pytest.mark.parametrize(
    ("text", "count"),
    [
        (agents(), 0),
        (agents(node="node-2"), 1),
        (agents(ready="False"), 1),
        (agents(ready="False", made="2026-03-01T11:58:00Z"), 0),
        (agents(ready="False").replace("redirection: enabled", "redirection: disabled"), 0),
    ],
)
def test_an_agent_counts_on_nodes_with_pods_that_need_it(text: str, count: int) -> None:
    """A node without pods of ambient needs no ztunnel, and a pod of ztunnel that was just made may still start."""
    assert len(said(AGENT, text)) == count


def test_agents_that_may_not_be_read_are_not_missing() -> None:
    """With the pods of one namespace alone, nobody knows where ztunnel runs."""
    (daemon_set, _, pod) = agents().split("---")
    assert not said(AGENT, daemon_set, pod, coverage={kinds.POD: Coverage(namespaces=frozenset({"shop"}))})
    assert said(AGENT, daemon_set, pod)


@pytest.mark.parametrize("label", ["k8s-app: istio-cni-node", "app.kubernetes.io/name: istio-cni"])
def test_the_cni_agent_without_ztunnel_is_told(label: str) -> None:
    """It has enrolled pods, and nobody takes their traffic; where DaemonSets were not all read, ztunnel may be there."""
    cni = """
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: istio-cni-node, namespace: istio-system}
spec:
  selector: {matchLabels: {k8s-app: istio-cni-node}}
  template:
    metadata: {labels: {k8s-app: istio-cni-node}}
    spec: {containers: [{name: install-cni}]}
""".replace("k8s-app: istio-cni-node", label)
    agent = agents().split("---")[1].replace("ztunnel", "istio-cni-node").replace("args: [proxy, istio-cni-node]", "args: []")
    agent = agent.replace("app: istio-cni-node", label)
    pod = agents().split("---")[2]
    (found,) = said(AGENT, cni, agent, pod)
    assert "ztunnel, which is not installed" in found.message
    assert not said(AGENT, cni, agent, pod, coverage={kinds.DAEMON_SET: Coverage(namespaces=frozenset({"istio-system"}))})


def test_a_default_validator_that_fails_is_told_as_such() -> None:
    """Two defaults are told only where both are there."""
    left = validator(service="istiod-1-28")
    tag = (
        injector()
        .replace("istio-sidecar-injector,", "istio-revision-tag-default,")
        .replace("rev: default", "rev: default, istio.io/tag: default")
    )
    assert not said(SPLIT, left, tag, istiod(), SLICE)
    other = istiod().split("---")[0].replace("name: istiod", "name: istiod-1-28")
    slices = SLICE.replace("istiod-1", "istiod-1-28-1").replace("service-name: istiod", "service-name: istiod-1-28")
    assert len(said(SPLIT, left, tag, istiod(), other, SLICE, slices)) == 1

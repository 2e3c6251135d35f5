"""What DestinationRules do to hosts, and where they do nothing."""

from typing import Any

import pytest

from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.core import Namespace, NamespaceMeta
from kubectl_meshfix.resources.istio_networking.destinations import DestinationRule
from kubectl_meshfix.resources.istio_networking.hosts import ServiceEntry
from kubectl_meshfix.resources.meta import Object
from kubectl_meshfix.resources.workloads import Deployment
from kubectl_meshfix.traffic.destination.effects.certificate_files import unmounted
from kubectl_meshfix.traffic.destination.effects.followers import Unfollowed, unfollowed
from kubectl_meshfix.traffic.destination.effects.localities import without_outlier_detection
from kubectl_meshfix.traffic.destination.effects.merging import dropped
from kubectl_meshfix.traffic.destination.effects.originating import is_ignored_by_sidecars, originations
from kubectl_meshfix.traffic.destination.effects.port_settings import lacking, left_out
from kubectl_meshfix.traffic.destination.effects.subset_pods import podless
from tests.traffic.objects import gateway_pods, make, rule, service

HOST = "cart.shop.svc.cluster.local"
INJECTED = {"istio-injection": "enabled"}


def space(name: str, **labels: str) -> Namespace:
    """A namespace."""
    return Namespace(metadata=NamespaceMeta(name=name, labels=labels))


def pods(name: str, namespace: str = "shop", annotations: dict[str, str] | None = None, **labels: str) -> Deployment:
    """A Deployment whose pods have these labels."""
    metadata = {"labels": {"app": name, **labels}, "annotations": annotations or {}}
    template = {"metadata": metadata, "spec": {"containers": [{"name": "app", "image": "app"}]}}
    obj: Deployment = make(Deployment, name, namespace, template=template)
    return obj


def outside(host: str, *ports: tuple[int, str], name: str = "outside", namespace: str = "shop", **rest: Any) -> ServiceEntry:
    """A ServiceEntry for a host outside of the mesh."""
    listed = [{"number": number, "name": f"p{number}", "protocol": protocol} for number, protocol in ports]
    obj: ServiceEntry = make(ServiceEntry, name, namespace, hosts=[host], ports=listed, resolution="DNS", **rest)
    return obj


def test_nobody_looks_where_no_pod_with_a_proxy_is() -> None:
    """A rule counts beside its host, in the root namespace, and for the pods of its own namespace; elsewhere for nobody."""
    shop = [service("cart"), space("shop", **{"istio-injection": "enabled"}), pods("cart")]

    def found(namespace: str, *beside: Object, host: str = HOST, live: bool = True) -> Unfollowed | None:
        far = rule(host, namespace=namespace)
        return unfollowed(Mesh([*shop, *beside, far], live=live), far)

    assert found("policies") == Unfollowed(("shop",), is_certain=True)
    assert found("policies", live=False) == Unfollowed(("shop",), is_certain=False)
    assert found("policies", pods("job", "policies"), space("policies"), live=False) == Unfollowed(("shop",), is_certain=True)
    assert found("shop") is None
    assert found("istio-system") is None
    assert found("web", space("web", **{"istio-injection": "enabled"}), pods("web", "web"), live=False) is None
    assert found("edge", gateway_pods("edge", "edge")) is None
    assert found("policies", host="*.shop.svc.cluster.local") is None
    assert found("istio-ingress", live=False) is None


def test_an_older_rule_takes_the_policy_of_a_younger_one() -> None:
    """Of two policies for all pods of a host the first is used; subsets of different names, and rules for other pods, are kept."""
    first = rule("cart", "v1", name="a", trafficPolicy={"tls": {"mode": "SIMPLE"}})
    other = rule(HOST, "v2", name="b", trafficPolicy={"loadBalancer": {"simple": "RANDOM"}})
    chosen = rule("cart", name="c", workloadSelector={"matchLabels": {"app": "web"}}, trafficPolicy={"tls": {"mode": "SIMPLE"}})
    alike, unlike = rule("cart", "v1", name="d"), make(DestinationRule, "e", host="cart", subsets=[{"name": "v1", "labels": {"a": "b"}}])

    (row,) = dropped(Mesh([first, other]))

    assert (row.rule, row.parts, row.used, row.is_order_known) == (other, (("trafficPolicy", "/spec/trafficPolicy"),), (first,), False)
    assert not list(dropped(Mesh([first, chosen])))
    assert not list(dropped(Mesh([first, alike])))
    assert [row.parts for row in dropped(Mesh([first, unlike]))] == [(("subset v1", "/spec/subsets/0"),)]


def test_rules_for_other_revisions_and_other_namespaces_are_no_rivals() -> None:
    """Each istiod reads its own rules, and a namespace's are not merged with another's."""
    policy = {"tls": {"mode": "SIMPLE"}}
    old, new = (make(DestinationRule, name, labels={"istio.io/rev": name}, host="cart", trafficPolicy=policy) for name in ("old", "new"))

    assert not list(dropped(Mesh([old, new])))
    assert not list(dropped(Mesh([rule("cart", trafficPolicy=policy), rule(HOST, namespace="web", trafficPolicy=policy)])))


def test_tls_is_that_of_the_port_and_of_rules_in_force() -> None:
    """Settings of a port replace those around them, a subset's are its own, and a rule that nobody uses starts nothing."""
    host, ports = "api.example.com", ((80, "HTTP"), (443, "HTTPS"))
    level = [{"port": {"number": 443}, "connectionPool": {"tcp": {"maxConnections": 1}}}]
    top = {"tls": {"mode": "SIMPLE"}, "portLevelSettings": level}

    def found(*rules: DestinationRule) -> list[tuple[int, str]]:
        return [(row.port.number, row.at.path) for row in originations(Mesh([outside(host, *ports), *rules]))]

    assert found(rule(host, trafficPolicy=top)) == [(80, "/spec/trafficPolicy/tls")]
    assert found(rule(host, name="a", trafficPolicy={"tls": {"mode": "DISABLE"}}), rule(host, name="b", trafficPolicy=top)) == []
    subset = {"name": "v1", "trafficPolicy": {"tls": {"mode": "MUTUAL"}}}
    assert found(make(DestinationRule, "s", host=host, subsets=[subset])) == [
        (80, "/spec/subsets/0/trafficPolicy/tls"), (443, "/spec/subsets/0/trafficPolicy/tls"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("tls", "selector", "is_ignored"),
    [
        ({"credentialName": "a"}, None, True),
        ({"credentialName": "configmap://a"}, None, False),
        ({"credentialName": "a"}, {"matchLabels": {"app": "web"}}, False),
        ({}, None, False),
    ],
)
def test_secrets_are_for_selected_sidecars(tls: dict[str, str], selector: Any, is_ignored: bool) -> None:
    """A Secret without a selector is ignored by sidecars; a ConfigMap is for all."""
    more = {"workloadSelector": selector} if selector else {}
    mesh = Mesh(
        [outside("api.example.com", (80, "HTTP")), rule("api.example.com", trafficPolicy={"tls": {"mode": "SIMPLE", **tls}}, **more)]
    )

    assert [is_ignored_by_sidecars(row) for row in originations(mesh)] == [is_ignored]


def test_settings_are_for_the_ports_of_the_service() -> None:
    """A target port is no port; nothing is said of wildcards, of unknown hosts and of ExternalName Services."""

    def found(host: str, number: int, *beside: Object) -> list[int]:
        made = rule(host, trafficPolicy={"portLevelSettings": [{"port": {"number": number}}]})
        return [row.number for row, _ in lacking(Mesh([*beside, made]), made)]

    assert found("cart", 8080, service("cart")) == [8080]
    assert found("cart", 80, service("cart")) == []
    assert found("*.local", 8080, service("cart")) == []
    assert found("cart", 8080) == []
    assert found("cart", 8080, service("cart", type="ExternalName", externalName="example.com")) == []


@pytest.mark.parametrize(
    ("policy", "lost"),
    [
        ({"outlierDetection": {}, "tls": {"mode": "SIMPLE"}}, ("tls", "outlierDetection")),
        ({"loadBalancer": {"simple": "ROUND_ROBIN"}}, ()),
        ({"loadBalancer": {"consistentHash": {"useSourceIp": True}}}, ("loadBalancer",)),
        ({"loadBalancer": {"simple": "RANDOM", "localityLbSetting": {"enabled": True}}}, ("loadBalancer",)),
        ({"connectionPool": {}}, ()),
    ],
)
def test_settings_of_a_port_replace_what_matters(policy: dict[str, Any], lost: tuple[str, ...]) -> None:
    """What is set for the port itself, and how requests are spread, is not missed."""
    made = rule("cart", trafficPolicy={**policy, "portLevelSettings": [{"port": {"number": 80}, "connectionPool": {}}]})

    assert [fields for _, fields in left_out(Mesh([service("cart"), made]), made)] == ([lost] if lost else [])


def test_a_subset_needs_pods_of_its_host() -> None:
    """Pods of other Services do not count; labels that controllers write, and a version that no pod has at all, are left alone."""

    def found(*beside: Object, host: str = "cart", **labels: str) -> list[str]:
        made = make(DestinationRule, "rule", host=host, subsets=[{"name": "one", "labels": labels}])
        return [row.meant or "?" for row in podless(Mesh([service("cart"), *beside, made]), made)]

    assert found(pods("cart", version="v1"), version="v1") == []
    assert found(pods("cart", track="stable"), track="stabel") == ["stable"]
    assert found(pods("cart", version="v1"), pods("other", version="v2"), version="v2") == ["?"]
    assert found(pods("cart", version="v1"), app="other") == ["?"]
    assert found(pods("cart"), version="v1") == []
    assert found(pods("cart", version="v3"), version="3") == ["v3"]
    assert found(pods("cart"), **{"rollouts-pod-template-hash": "abc"}) == []
    assert found(version="v1") == []
    endpoints = [{"address": "192.0.2.1", "labels": {"zone": "a"}}]
    assert found(outside("api.example.com", (80, "HTTP"), endpoints=endpoints), host="api.example.com", zone="b") == ["?"]
    assert found(outside("api.example.com", (80, "HTTP"), endpoints=endpoints), host="api.example.com", zone="a") == []


def test_localities_need_outlier_detection() -> None:
    """Weights need none, a subset takes the rule's, a port takes nothing."""
    locality = {"loadBalancer": {"localityLbSetting": {"enabled": True}}}
    weights = {"loadBalancer": {"localityLbSetting": {"distribute": [{"from": "a", "to": {"b": 100}}]}}}
    off = {"loadBalancer": {"localityLbSetting": {"enabled": False}}}
    port = {"outlierDetection": {}, "portLevelSettings": [{"port": {"number": 80}, **locality}]}

    def found(policy: dict[str, Any], **subset: Any) -> list[str]:
        subsets = [{"name": "v1", "trafficPolicy": subset}] if subset else []
        made = make(DestinationRule, "rule", host="cart", trafficPolicy=policy, subsets=subsets)
        return list(without_outlier_detection(Mesh([made]), made))

    assert found(locality) == ["/spec/trafficPolicy"]
    assert found({**locality, "outlierDetection": {}}) == found(weights) == found(off) == []
    assert found({"outlierDetection": {}}, **locality) == []
    assert found({}, **locality) == ["/spec/subsets/0/trafficPolicy"]
    assert found(port) == ["/spec/trafficPolicy/portLevelSettings/0"]


def test_certificates_are_missed_by_pods_that_use_the_rule() -> None:
    """Pods without a sidecar, with the volume, or with a proxy of their own setup are not blamed."""
    mounted = {"sidecar.istio.io/userVolumeMount": '{"a": {"mountPath": "/etc/own/"}}'}
    tls = {"mode": "MUTUAL", "clientCertificate": "/etc/own/cert.pem", "privateKey": "/etc/own/key.pem"}
    beside = [outside("api.example.com", (80, "HTTP")), space("shop", **INJECTED), pods("cart", annotations=mounted)]

    def lacking_it(*more: Object, **rest: Any) -> list[str]:
        made = rule("api.example.com", trafficPolicy={"tls": {**tls, **rest}})
        return [workload.name for row in unmounted(Mesh([*beside, *more, made])) for workload in row.lacking]

    assert lacking_it(pods("web")) == ["web"]
    assert lacking_it() == []
    assert lacking_it(pods("web", "shop", None, **{"sidecar.istio.io/inject": "false"})) == []
    assert lacking_it(pods("web", annotations={"inject.istio.io/templates": "own"})) == []
    assert lacking_it(pods("web"), clientCertificate="/etc/certs/cert.pem") == []
    assert lacking_it(pods("web"), mode="SIMPLE") == []

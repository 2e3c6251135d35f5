"""Rules about security policy, where their pages' examples do not reach."""

from typing import Any

import msgspec
import pytest

from kubectl_meshfix.documents.patch import patched
from kubectl_meshfix.fixes.fix import Safety
from kubectl_meshfix.mesh.coverage import Coverage
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import ConfigMap, Namespace, NamespaceMeta, Service
from kubectl_meshfix.resources.istio_networking.hosts import WorkloadEntry
from kubectl_meshfix.resources.istio_policy import AuthorizationPolicy
from kubectl_meshfix.resources.meta import Meta, Object
from kubectl_meshfix.resources.workloads import Deployment
from kubectl_meshfix.rules.policy import policy_selects_nothing, unknown_source_namespace
from kubectl_meshfix.rules.rule import Severity
from kubectl_meshfix.traffic.policy.evaluation.impossible import impossible
from tests.rules.asking import findings, fix, only, paths

SOURCE, NOTHING = unknown_source_namespace.RULE, policy_selects_nothing.RULE


def make(struct: type[Object], name: str, namespace: str = "shop", **spec: Any) -> Any:
    """An object with a spec in the words of a manifest."""
    return msgspec.convert({"metadata": {"name": name, "namespace": namespace}, "spec": spec}, struct)


def spaces(*names: str) -> tuple[Namespace, ...]:
    """Namespaces."""
    return tuple(Namespace(metadata=NamespaceMeta(name=name)) for name in names)


def source(*namespaces: str, action: str = "ALLOW", excepted: tuple[str, ...] = ()) -> AuthorizationPolicy:
    """A policy about callers from namespaces."""
    callers = {"namespaces": list(namespaces), "notNamespaces": list(excepted)}
    obj: AuthorizationPolicy = make(AuthorizationPolicy, "policy", action=action, rules=[{}, {"from": [{}, {"source": callers}]}])
    return obj


def selecting(namespace: str = "shop", **labels: str) -> AuthorizationPolicy:
    """A policy with a selector."""
    obj: AuthorizationPolicy = make(AuthorizationPolicy, "policy", namespace, selector={"matchLabels": labels})
    return obj


def deployment(namespace: str = "shop", **labels: str) -> Deployment:
    """A Deployment whose pods get labels."""
    obj: Deployment = make(Deployment, "-".join(labels.values()), namespace, template={"metadata": {"labels": labels}})
    return obj


# ---------------------------------------------------------------- MF601


def test_a_pattern_may_wait_for_its_namespaces() -> None:
    """A pattern without a match is a warning, a name without a namespace an error."""
    found = findings(SOURCE, source("team-*", "gone"), *spaces("shop"))

    assert [item.severity for item in found] == [Severity.WARNING, None]


@pytest.mark.parametrize(
    ("policy", "words"),
    [
        (source("gone"), "may be refused"),
        (source("gone", action="DENY"), "has no effect"),
        (source(excepted=("gone",)), "excludes no caller"),
    ],
)
def test_the_consequence_fits_the_action(policy: AuthorizationPolicy, words: str) -> None:
    """Allowing nobody, denying nobody and excepting nobody are three things."""
    assert words in only(SOURCE, policy, *spaces("shop")).message


def test_namespaces_of_other_clusters_count() -> None:
    """Behind an east-west gateway there are namespaces that nobody can see from here."""
    eastwest = Service(metadata=Meta(name="eastwest", namespace="istio-system", labels={"topology.istio.io/network": "one"}))

    assert not paths(SOURCE, source("gone"), *spaces("shop"), eastwest)


def test_files_speak_of_namespaces_where_they_hold_several() -> None:
    """One Namespace beside its policies says nothing of others, but for a slip; Istio's own are never in files."""
    assert not paths(SOURCE, source("monitoring", "istio-system"), *spaces("shop"), live=False)
    assert paths(SOURCE, source("shpo"), *spaces("shop"), live=False)
    found = only(SOURCE, source("monitoring", "istio-system", "kube-system"), *spaces("shop", "web"), live=False)
    assert "If there is none elsewhere" in found.message
    assert found.severity is Severity.INFO


def test_a_namespace_that_objects_are_in_is_there() -> None:
    """Whoever writes an object of a namespace has the namespace, whether the files hold it or not; patterns match it too."""
    assert not paths(SOURCE, source("bank", "ba*"), *spaces("shop", "web"), deployment("bank", app="till"), live=False)
    assert paths(SOURCE, source("bank", "ba*"), *spaces("shop", "web"), live=False)


@pytest.mark.parametrize(("written", "meant"), [("istio-systm", "istio-system"), ("kube-systme", "kube-system")])
def test_a_misspelt_namespace_of_an_installer_is_corrected(written: str, meant: str) -> None:
    """Files seldom hold those namespaces, but everybody knows their names."""
    (patch,) = fix(only(SOURCE, source(written), *spaces("shop", "web"), live=False)).patches

    assert patch.operations[-1].value == meant
    assert not paths(SOURCE, source("istio-system2", "istio-gateways", "kube-public"), *spaces("shop", "web"), live=False)


def test_namespaces_that_cannot_be_read_are_not_missing() -> None:
    """A user who may not list namespaces learns nothing of them."""
    assert not paths(SOURCE, source("gone"), coverage={kinds.NAMESPACE: Coverage(reason="forbidden")})


def test_a_misspelt_namespace_is_corrected() -> None:
    """It changes who may call, so it is never safe."""
    found = only(SOURCE, source("checkuot"), *spaces("checkout", "shop"))
    before = {"spec": {"rules": [{}, {"from": [{}, {"source": {"namespaces": ["checkuot"]}}]}]}}

    assert fix(found).safety is Safety.UNSAFE
    after = patched(before, fix(found).patches[0].operations)
    assert after["spec"]["rules"][1]["from"][1]["source"] == {"namespaces": ["checkout"]}


# ---------------------------------------------------------------- MF602


def test_a_policy_selects_within_its_namespace() -> None:
    """A workload of another namespace does not count; where there is one, the namespace is what is wrong."""
    assert paths(NOTHING, selecting(app="cart"), deployment("web", app="cart")) == ["/metadata"]
    assert not paths(NOTHING, selecting(app="cart"), deployment(app="cart"))


def test_a_policy_for_pods_of_another_namespace_is_told_which() -> None:
    """Files seldom hold the pods of an installed gateway; where they do, elsewhere, a policy beside the application is in vain."""
    gateway = selecting(istio="ingressgateway")

    assert not paths(NOTHING, gateway, deployment(app="cart"), live=False)
    for live in (True, False):
        found = only(NOTHING, gateway, deployment(app="cart"), deployment("ingress", istio="ingressgateway"), live=live)
        assert found.severity is None
        assert fix(found).summary == "Move this AuthorizationPolicy to namespace ingress, where pods have these labels."


def test_a_policy_of_the_root_namespace_selects_anywhere() -> None:
    """The mesh configuration says which namespace that is."""
    settings = ConfigMap(metadata=Meta(name="istio", namespace="istio-system"), data={"mesh": "rootNamespace: roots"})

    assert not paths(NOTHING, selecting("istio-system", app="cart"), deployment(app="cart"))
    assert not paths(NOTHING, selecting("roots", app="cart"), deployment(app="cart"), settings)
    assert paths(NOTHING, selecting("istio-system", app="cart"), deployment(app="cart"), settings)
    assert "workload in the mesh" in only(NOTHING, selecting("istio-system", app="gone"), deployment(app="cart")).message


def test_a_policy_may_guard_virtual_machines() -> None:
    """WorkloadEntries have proxies too."""
    assert not paths(NOTHING, selecting(app="vm"), make(WorkloadEntry, "vm", labels={"app": "vm"}))


def test_policies_in_files_are_information_unless_misspelt() -> None:
    """Files speak for namespaces of which they hold a workload, and of what they hold."""
    pods = deployment(app="checkout")

    assert only(NOTHING, selecting(app="orders"), pods, live=False).severity is Severity.INFO
    assert only(NOTHING, selecting(app="chekout"), pods, live=False).severity is None
    assert not paths(NOTHING, selecting("web", app="orders"), pods, live=False)
    assert not paths(NOTHING, selecting("istio-system", app="orders"), pods, live=False)
    assert only(NOTHING, selecting("istio-system", app="orders"), pods, deployment("web", app="web"), live=False).severity is Severity.INFO


def test_a_misspelt_selector_is_corrected() -> None:
    """Requests that passed may then be refused, so it is never safe."""
    found = only(NOTHING, selecting(app="chekout", tier="web"), deployment(app="checkout", tier="web"))

    assert fix(found).safety is Safety.UNSAFE
    after = patched({"spec": {"selector": {"matchLabels": {"app": "chekout", "tier": "web"}}}}, fix(found).patches[0].operations)
    assert after["spec"]["selector"]["matchLabels"] == {"app": "checkout", "tier": "web"}


# ---------------------------------------------------------------- MF604


@pytest.mark.parametrize(
    ("attribute", "value"),
    [
        ("method", "GET"),
        ("method", "G*"),
        ("method", "PROPFIND"),
        ("method", "*"),
        ("path", "/a*"),
        ("path", "*/b"),
        ("path", "*"),
        ("path", "/a/{*}/b"),
        ("host", "*.example.com"),
        ("host", "example.com:*"),
        ("host", "Example.com:8080"),
        ("source.principal", "*"),
        ("source.principal", "*/ns/shop/sa/cart"),
        ("source.principal", "cluster.local/ns/shop/*"),
        ("source.namespace", "a*b*"),
        ("request.auth.principal", "*"),
        ("request.auth.principal", "*/sub"),
        ("request.auth.principal", "https://issuer/*"),
        ("request.headers[user-agent]", "*bot"),
        ("request.headers[accept]", "a*b"),
    ],
)
def test_what_requests_have_is_possible(attribute: str, value: str) -> None:
    """A star at one end, a template, and any value that a client may send are silent."""
    assert impossible(attribute, value) is None


@pytest.mark.parametrize(
    ("attribute", "value", "meant"),
    [
        ("method", "post", "POST"),
        ("method", "GTE", "GET"),
        ("method", "read", None),
        ("path", "/a/*/b", "/a/{*}/b"),
        ("path", "/a/x*/b", None),
        ("path", "*a*", None),
        ("path", "admin*", "/admin*"),
        ("path", "^/admin$", None),
        ("path", "/a?b=c", None),
        ("host", "https://example.com", "example.com"),
        ("host", "https://example.com/a", None),
        ("host", "a.*.example.com", None),
        ("source.principal", "spiffe://cluster.local/ns/a/sa/b", "cluster.local/ns/a/sa/b"),
        ("source.principal", "*/sa/b*", None),
        ("request.auth.principal", "*/*", "*"),
        ("request.auth.principal", "https:issuer", None),
        ("request.headers[user-agent]", "*Mozilla*", None),
        ("connection.sni", "*.a.*", None),
    ],
)
def test_what_no_request_has_is_impossible(attribute: str, value: str, meant: str | None) -> None:
    """A star that is read as a letter, a value in another notation, and what was meant where that is certain."""
    found = impossible(attribute, value)

    assert found
    assert found.meant == meant

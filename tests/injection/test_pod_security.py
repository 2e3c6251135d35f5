"""What Pod Security's levels and OpenShift's constraints forbid of pods that get a sidecar."""

import json
from collections.abc import Mapping
from typing import Any

import msgspec
import pytest

from kubectl_meshfix.injection.pod_security import Forbidden, find_forbidden, would_forbid
from kubectl_meshfix.resources.core import Namespace
from kubectl_meshfix.resources.meta import Object
from tests.injection.installations import as_workload, decoded, injector, istiod, node
from tests.injection.scenes import backend, cluster, deployment, hooks, pod, replica_set, template

ENABLED = {"istio-injection": "enabled"}
ENFORCE = "pod-security.kubernetes.io/enforce"
UID_RANGE = {"openshift.io/sa.scc.uid-range": "1000/10000"}
INJECT = "sidecar.istio.io/inject"
CNI = {"pilot": {"cni": {"enabled": True}}}
PROFILE = {"type": "RuntimeDefault"}


def labelled(labels: Mapping[str, str], annotations: Mapping[str, str] | None = None) -> Object:
    """Namespace shop."""
    metadata = {"name": "shop", "labels": dict(labels), "annotations": dict(annotations or {})}
    return decoded({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata})


def conditional() -> Object:
    """Webhooks of which the API server evaluates an expression."""
    raw = json.loads(msgspec.json.encode(hooks()))
    for webhook in raw["webhooks"]:
        webhook["matchConditions"] = [{"name": "a", "expression": "true"}]
    return decoded(raw)


def planes(values: Mapping[str, Any] | None = None, **config: Any) -> tuple[Object, ...]:
    """An installation with an injector's values; without them, one whose ConfigMap is not there."""
    return (hooks(), *backend(), istiod(), node("n1", "v1.32.0"), *([] if values is None else [injector(values=values, **config)]))


BASELINE, RESTRICTED = {**ENABLED, ENFORCE: "baseline"}, {**ENABLED, ENFORCE: "restricted"}


@pytest.mark.parametrize(
    ("objects", "pods", "why"),
    [
        ([planes({}), labelled(ENABLED)], template(), None),
        ([planes({}), labelled({**ENABLED, ENFORCE: "privileged"})], template(), None),
        ([planes({}), labelled(BASELINE)], template(), Forbidden.INIT_CONTAINER),
        ([planes({}), labelled({ENFORCE: "baseline"})], template(), None),
        ([planes({}), labelled(BASELINE)], template({INJECT: "false"}), None),
        ([planes({}), labelled({"istio.io/rev": "gone", ENFORCE: "baseline"})], template(), Forbidden.INIT_CONTAINER),
        ([conditional(), planes({})[1:], labelled(BASELINE)], template(), None),
        ([planes({}), labelled(BASELINE)], template(annotations={"sidecar.istio.io/interceptionMode": "NONE"}), None),
        ([planes({}), labelled(BASELINE)], template(containers=[{"name": "istio-proxy", "image": "proxyv2:1"}]), None),
        ([planes(), labelled(BASELINE)], template(), None),
        ([hooks(), *backend(), labelled(BASELINE)], template(), None),
        ([labelled(BASELINE)], template(), None),
        ([planes({}, neverInjectSelector=3), labelled(BASELINE)], template({INJECT: "true"}), None),
        ([planes({}, neverInjectSelector=3), labelled(BASELINE)], template(), None),
        ([planes({}, policy="disabled"), labelled(BASELINE)], template(), None),
        ([planes(CNI), labelled(BASELINE)], template(), None),
        ([planes(CNI), labelled(BASELINE)], template(annotations={"sidecar.istio.io/interceptionMode": "TPROXY"}), Forbidden.TPROXY),
        ([planes(CNI), labelled(RESTRICTED)], template(), Forbidden.NO_SECCOMP_PROFILE),
        ([planes(CNI), labelled(RESTRICTED)], template(securityContext={"runAsUser": 1}), Forbidden.NO_SECCOMP_PROFILE),
        ([planes(CNI), labelled(RESTRICTED)], template(securityContext={"seccompProfile": PROFILE}), None),
        ([planes({**CNI, "global": {"proxy": {"seccompProfile": PROFILE}}}), labelled(RESTRICTED)], template(), None),
        ([planes({}), labelled(ENABLED, UID_RANGE)], template(), Forbidden.BY_CONSTRAINTS),
        ([planes(CNI), labelled(ENABLED, UID_RANGE)], template(), None),
        ([planes(CNI), labelled(ENABLED, UID_RANGE)], template(annotations={"sidecar.istio.io/interceptionMode": "TPROXY"}), None),
        ([planes({}), labelled(BASELINE, UID_RANGE)], template(), Forbidden.INIT_CONTAINER),
        ([planes({}), labelled({}, UID_RANGE)], template(), None),
        ([planes({}), labelled(ENABLED, UID_RANGE), replica_set(), pod(injected=True)], template(), None),
        ([planes({}), labelled(ENABLED, UID_RANGE), replica_set(), pod()], template(), Forbidden.BY_CONSTRAINTS),
    ],
)
def test_what_a_namespace_forbids(objects: list[Any], pods: dict[str, Any], why: Forbidden | None) -> None:
    """Only of pods that the sidecar is added to, or meant to be, by an injector whose settings are known."""
    cart = deployment(pods)

    found = find_forbidden(cluster(*objects, cart), as_workload(cart))

    assert (found.why if found else None) is why


def other(name: str, **spec: Any) -> Object:
    """Another Deployment of the shop."""
    raw = json.loads(msgspec.json.encode(deployment(template(**spec))))
    return decoded({**raw, "metadata": {"name": name, "namespace": "shop"}})


HOSTED = {"hostNetwork": True}
PROFILED = {"securityContext": {"seccompProfile": PROFILE}}


@pytest.mark.parametrize(
    ("level", "installed", "workloads", "why"),
    [
        ("baseline", planes({}), [other("a")], Forbidden.INIT_CONTAINER),
        ("privileged", planes({}), [other("a")], None),
        ("baseline", (), [other("a")], None),
        ("baseline", (hooks(), *backend()), [other("a")], None),
        ("baseline", planes(), [other("a")], None),
        ("baseline", planes({}, neverInjectSelector=3), [other("a")], None),
        ("baseline", planes({}), [], None),
        ("baseline", planes({}), [other("a", **HOSTED)], None),
        ("baseline", planes({}), [other("a", **HOSTED), other("b")], Forbidden.INIT_CONTAINER),
        ("restricted", planes(CNI), [other("a", **PROFILED)], None),
        ("restricted", planes(CNI), [other("a", **PROFILED), other("b")], Forbidden.NO_SECCOMP_PROFILE),
    ],
)
def test_what_a_namespace_would_forbid(level: str, installed: tuple[Object, ...], workloads: list[Object], why: Forbidden | None) -> None:
    """The first of its workloads that would be refused says it; pods on the host's network are not injected."""
    here = labelled({ENFORCE: level})
    assert isinstance(here, Namespace)

    assert would_forbid(cluster(installed, here, *workloads), here) is why


def test_workloads_of_other_namespaces_are_not_refused_here() -> None:
    """Each namespace's level holds for its own pods."""
    here = decoded({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "bank", "labels": {ENFORCE: "baseline"}}})
    assert isinstance(here, Namespace)

    assert would_forbid(cluster(planes({}), here, other("a")), here) is None

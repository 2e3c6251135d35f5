"""Workloads and their pod templates."""

import re
from collections.abc import Iterator

from kubectl_meshfix.injection.proxy import is_gateway
from kubectl_meshfix.mesh.control_plane import IGNORED_NAMESPACES
from kubectl_meshfix.mesh.openshift import OPENSHIFT_PODS
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources import kinds

VERSION = re.compile(r"-(v\d[a-z0-9.]*)$")
"""The version at the end of a name such as ``reviews-v2``."""


HOUSEKEEPING = frozenset(
    (
        *("admin", "debug", "debugger", "health", "healthz", "jmx", "liveness", "metrics", "monitoring", "pprof", "probe", "probes"),
        *("profile", "profiler", "profiling", "prom", "prometheus", "readiness", "status", "telemetry"),
    )
)
"""Words in the names of ports that scrapers, kubelet and people use by the pod's address; clients do not use a Service's name for them."""


def user_workloads(mesh: Mesh) -> tuple[Workload, ...]:
    """Workloads people run and may still change: no part of Kubernetes or Istio, no gateway, nothing that has ended, no mere patch."""
    mesh.require(*kinds.WORKLOADS)
    return mesh.cached("workloads of users", lambda view: tuple(_user_workloads(view)))


def _user_workloads(mesh: Mesh) -> Iterator[Workload]:
    for workload in mesh.workloads:
        if workload.namespace in IGNORED_NAMESPACES or is_gateway(workload) or _is_istio(workload) or workload.has_ended:
            continue
        if OPENSHIFT_PODS.keys().isdisjoint(workload.labels) and _is_whole(workload):
            yield workload


def applications(mesh: Mesh) -> Iterator[Workload]:
    """The workloads of users without pods of makers that nobody here reads, such as a pipeline's steps: those would be told one by one."""
    return (workload for workload in user_workloads(mesh) if not (workload.is_pod and workload.maker))


def _is_whole(workload: Workload) -> bool:
    """Whether this makes pods by itself: what lacks a container's image is a patch for one that has it, as kustomize takes them."""
    return bool(workload.spec.containers) and all(container.image for container in workload.spec.containers)


def _is_istio(workload: Workload) -> bool:
    """Istio's own parts (`analyzers/util/config.go IsIstioControlPlane`), and those that only its newer charts' label tells."""
    return any(
        "istio" in labels or labels.get("release") == "istio" or labels.get("app.kubernetes.io/part-of") == "istio"
        for labels in (workload.meta.labels, workload.labels)
    )

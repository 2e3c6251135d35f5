"""Texts that name a Service's port: SRV names and variables in pod templates, and cloud providers' annotations."""

import re
from collections.abc import Iterator, Mapping

from kubectl_meshfix.mesh.indexes import grouped
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Service
from kubectl_meshfix.resources.kinds import Kind
from kubectl_meshfix.resources.meta import Ref

KINDS: tuple[Kind, ...] = kinds.WORKLOADS

ANNOTATIONS = (
    "cloud.google.com/app-protocols",
    "service.alpha.kubernetes.io/app-protocols",
    "cloud.google.com/backend-config",
    "beta.cloud.google.com/backend-config",
    "service.beta.kubernetes.io/aws-load-balancer-ssl-ports",
)
"""A Service's own annotations that refer to its ports by name: GKE's protocols and backends, and AWS's ports with TLS."""

_SRV = r"_([a-z0-9-]+)\._tcp\.([a-z0-9-]+)(?:\.([a-z0-9-]+))?"
_VARIABLE = r"(?<![A-Z0-9_])(?>[A-Z0-9_]+?_SERVICE_PORT_)[A-Z0-9_]+"


def srv_name(service: Service, name: str) -> str:
    """The DNS name of a port's SRV record (`coredns` `plugin/kubernetes/parse.go`), without the cluster's domain."""
    return f"_{name}._tcp.{service.name}.{service.namespace}.svc"


def variable(service: Service, name: str) -> str:
    """The variable of a port in the environment of pods of its namespace (`pkg/kubelet/envvars/envvars.go`)."""
    return f"{service.name}_service_port_{name}".upper().replace("-", "_")


def annotation(service: Service, name: str) -> str:
    """The annotation of a Service that refers to a port by name; empty where none does."""
    annotations = service.metadata.annotations
    return next((key for key in ANNOTATIONS if name in re.findall(r"[a-z0-9-]+", annotations.get(key, ""))), "")


def in_templates(mesh: Mesh, service: Service, name: str) -> tuple[tuple[Ref, str], ...]:
    """The workloads whose commands, arguments or variables spell a port's SRV name or its variable, and which of the two."""
    mesh.require(*KINDS)
    index: Mapping[str, list[tuple[str, Ref, str]]] = mesh.cached(
        "ports named in templates", lambda whole: grouped(_spelt(whole), lambda row: row[0])
    )
    keys = (srv_name(service, name), f"{service.namespace}/{variable(service, name)}")
    return tuple((ref, text) for key in keys for _, ref, text in index.get(key, ()))


def _spelt(mesh: Mesh) -> Iterator[tuple[str, Ref, str]]:
    for workload in mesh.workloads:
        for text in _texts(workload):
            if "_tcp." in text:
                for found in re.finditer(_SRV, text):
                    yield f"_{found[1]}._tcp.{found[2]}.{found[3] or workload.namespace}.svc", workload.ref, found[0]
            if "_SERVICE_PORT_" in text:
                for found in re.finditer(_VARIABLE, text):
                    yield f"{workload.namespace}/{found[0]}", workload.ref, found[0]


def _texts(workload: Workload) -> Iterator[str]:
    for container in (*workload.spec.containers, *workload.spec.init_containers):
        yield from container.command
        yield from container.args
        yield from (variable.value for variable in container.env)

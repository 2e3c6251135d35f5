"""Clusters and manifests of any size, alike but for their numbers: ten workloads a namespace, a mistake in every tenth."""

import json
from collections.abc import Iterator
from itertools import count, islice
from pathlib import Path
from typing import Any

import yaml

from kubectl_meshfix.cli.work.diagnosing import kinds_to_read
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.rules import RULES
from kubectl_meshfix.sources.api.pagination import collection_path

LISTS = [
    collection_path(kind, kind.versions[0], None)
    for kind in sorted(kinds_to_read(RULES) - {kinds.CONFIG_MAP, kinds.SECRET}, key=lambda kind: kind.plural)
]
"""The paths that ``diagnose -A`` reads."""

_FILLED = {"namespaces", "services", "pods", "deployments", "virtualservices", "destinationrules"}

HELD = [path for path in LISTS if path.rpartition("/")[2] in _FILLED]
"""Those of them that hold objects in a server that was filled."""

Json = dict[str, Any]

FIELD = """\
              settingNUMBER:
                description: |-
                  SettingNUMBER says how the containers of the workload are started, and in which order they are asked
                  whether they are ready. More info: https://example.com/docs/concepts/settings#NUMBER
                  This field is optional: without it, the default of the namespace is taken.
                properties:
                  matchExpressions:
                    description: matchExpressions is a list of requirements, all of which must be met.
                    items:
                      description: A requirement has a key, an operator, and values.
                      properties:
                        key:
                          description: key is the label that the requirement is about.
                          type: string
                        operator:
                          description: |-
                            operator is one of In, NotIn, Exists and DoesNotExist.
                          type: string
                        values:
                          items:
                            type: string
                          type: array
                          x-kubernetes-list-type: atomic
                      required:
                      - key
                      - operator
                      type: object
                    type: array
                  limit:
                    anyOf:
                    - type: integer
                    - type: string
                    pattern: ^(\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))$
                    x-kubernetes-int-or-string: true
                  policy:
                    default: Always
                    enum: [Always, Never]
                    type: string
                type: object
"""
"""A field of a definition's schema."""


def namespace_of(number: int) -> str:
    """Ten workloads share one."""
    return f"team-{number // 10:04}"


def namespaces(services: int) -> Iterator[Json]:
    """The namespaces, all in the mesh."""
    for number in range(0, services, 10):
        labels = {"istio-injection": "enabled"}
        yield {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace_of(number), "labels": labels}}


def workload(number: int) -> Iterator[Json]:
    """A Service, its Deployment and its routes; every tenth Service has a port without a protocol."""
    name, space = f"app-{number:05}", namespace_of(number)
    labels = {"app": name, "version": "v1"}
    meta = {"name": name, "namespace": space}
    port = {"name": "http" if number % 10 else "web", "port": 80, "targetPort": 8080}
    yield {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {**meta, "labels": labels},
        "spec": {"selector": {"app": name}, "ports": [port]},
    }
    spec = {"selector": {"matchLabels": labels}, "template": {"metadata": {"labels": labels}, "spec": pod_spec(name)}}
    yield {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {**meta, "labels": labels}, "spec": spec}
    route = {"destination": {"host": name, "subset": "v1", "port": {"number": 80}}}
    http = [{"match": [{"uri": {"prefix": f"/{part}"}}], "route": [route]} for part in ("api", "static")] + [{"route": [route]}]
    yield {"apiVersion": "networking.istio.io/v1", "kind": "VirtualService", "metadata": meta, "spec": {"hosts": [name], "http": http}}
    subsets = [{"name": "v1", "labels": {"version": "v1"}}]
    yield {"apiVersion": "networking.istio.io/v1", "kind": "DestinationRule", "metadata": meta, "spec": {"host": name, "subsets": subsets}}


def pod_spec(name: str, *, injected: bool = False) -> Json:
    """About what a real pod carries: environment, mounts, probes, resources, and the sidecar's share of all that."""
    env = [{"name": f"SETTING_{index:02}", "value": f"value-of-{name}-{index}" * 2} for index in range(24)]
    container = {
        "name": "app",
        "image": f"registry.example.com/{name}:1.0.{len(name)}",
        "env": env,
        "ports": [{"name": "http", "containerPort": 8080}],
        "readinessProbe": {"httpGet": {"path": "/healthz", "port": 8080}},
        "resources": {"requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"memory": "256Mi"}},
    }
    proxy = {
        "name": "istio-proxy",
        "image": "docker.io/istio/proxyv2:1.30.0",
        "args": ["proxy", "sidecar", "--domain", "$(POD_NAMESPACE).svc.cluster.local"],
        "env": env,
        "ports": [{"name": "http-envoy-prom", "containerPort": 15090}],
        "readinessProbe": {"httpGet": {"path": "/healthz/ready", "port": 15021}},
    }
    return {"containers": [container, proxy] if injected else [container]}


def pod(number: int, replica: int) -> Json:
    """One of a Deployment's pods, injected."""
    name = f"app-{number:05}"
    meta = {
        "name": f"{name}-5d4b8c7f9-{replica:05}",
        "namespace": namespace_of(number),
        "labels": {"app": name, "version": "v1", "pod-template-hash": "5d4b8c7f9", "security.istio.io/tlsMode": "istio"},
        "annotations": {
            "sidecar.istio.io/status": json.dumps({"containers": ["istio-proxy"], "revision": "default"}),
            "istio.io/rev": "default",
        },
        "ownerReferences": [
            {
                "apiVersion": "apps/v1",
                "kind": "ReplicaSet",
                "name": f"{name}-5d4b8c7f9",
                "uid": f"00000000-0000-0000-0000-{number:012}",
                "controller": True,
            }
        ],
    }
    return {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": pod_spec(name, injected=True)}


def write_manifests(folder: Path, number: int) -> int:
    """That many files of four documents each, as people keep them; how many bytes they are."""
    size = 0
    for index in range(number):
        documents = [*([next(islice(namespaces(index + 1), index // 10, None))] if index % 10 == 0 else []), *workload(index)]
        text = yaml.dump_all(documents, Dumper=getattr(yaml, "CSafeDumper", yaml.SafeDumper), sort_keys=False)
        size += (folder / f"{index:05}.yaml").write_text(text)
    return size


def write_definitions(folder: Path, size: int) -> int:
    """CustomResourceDefinitions of 100 KB to 1 MB each, a file each, until they are that many bytes; how many they are."""
    folder.mkdir()
    written = 0
    while written < size:
        number = len(list(folder.iterdir()))
        written += (folder / f"{number:05}.yaml").write_text(definition(number, 100_000 * (1 + number % 10)))
    return written


def definition(number: int, size: int) -> str:
    """A CustomResourceDefinition as generators write them: the fields of a pod's template, each with a paragraph about it."""
    name = f"sample{number:05}s"
    lines = [
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata:\n  annotations:\n",
        f"    controller-gen.kubebuilder.io/version: v0.16.1\n  name: {name}.example.com\nspec:\n  group: example.com\n  names:\n",
        f"    kind: Sample{number:05}\n    listKind: Sample{number:05}List\n    plural: {name}\n    singular: {name[:-1]}\n",
        "  scope: Namespaced\n  versions:\n  - name: v1\n    served: true\n    storage: true\n    schema:\n      openAPIV3Schema:\n",
        "        type: object\n        properties:\n          spec:\n            type: object\n            properties:\n",
    ]
    length = sum(map(len, lines))
    for index in count():
        if length >= size:
            return "".join(lines)
        lines.append(FIELD.replace("NUMBER", f"{index:05}"))
        length += len(lines[-1])
    raise AssertionError


def write_findings(folder: Path, number: int) -> None:
    """A Service with a nameless protocol for each finding, a hundred in a file and fifty in a namespace."""
    port = {"name": "web", "port": 8080}
    for start in range(0, number, 100):
        services = [
            {
                "apiVersion": "v1",
                "kind": "Service",
                "metadata": {"name": f"app-{index:05}", "namespace": f"team-{index // 50:04}"},
                "spec": {"selector": {"app": f"app-{index:05}"}, "ports": [port]},
            }
            for index in range(start, start + 100)
        ]
        (folder / f"{start:05}.yaml").write_text("\n---\n".join(map(json.dumps, services)))

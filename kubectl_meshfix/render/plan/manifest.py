"""YAML that people keep in repositories: whole objects, and a kustomize component of patches."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
import yaml

from kubectl_meshfix.documents.patch import Operation
from kubectl_meshfix.render.text.terminal import HIDDEN, yaml_escaped

_METADATA = ("uid", "resourceVersion", "generation", "creationTimestamp", "deletionTimestamp", "managedFields", "selfLink")
_ANNOTATIONS = ("kubectl.kubernetes.io/last-applied-configuration", "deployment.kubernetes.io/revision")
_ALLOCATED = {"Service": ("clusterIP", "clusterIPs"), "Pod": ("nodeName",)}
"""Fields of a spec that the API server or the scheduler fills in, by kind."""

_LABEL_OR_ANNOTATION = re.compile(r"(.*)/metadata(?:/(?:labels|annotations)(?:/[^/]+)?)?")
_REGEX = re.compile(r"[.\\+*?()|\[\]{}^$]")
"""What a regular expression does not take as it is."""

COMPONENT = """\
# Put this into a folder of its own, as kustomization.yaml, and name the folder under "components:" in the kustomization
# that has these objects. Where a value is not what it was, the build fails; where an object is not there, nothing happens.
"""


def manifests(objects: Iterable[Mapping[str, Any]]) -> str:
    """Whole objects without what a server owns, one document each."""
    return "".join(f"---\n{as_yaml(cleaned(obj))}" for obj in objects)


def cleaned(obj: Mapping[str, Any]) -> dict[str, Any]:
    """An object without its status, the server's metadata, and addresses that were given to it."""
    kept = {key: value for key, value in obj.items() if key != "status"}
    metadata = {key: value for key, value in (obj.get("metadata") or {}).items() if key not in _METADATA}
    annotations = {key: value for key, value in (metadata.get("annotations") or {}).items() if key not in _ANNOTATIONS}
    if "annotations" in metadata:
        metadata["annotations"] = annotations
    if not annotations:
        metadata.pop("annotations", None)
    if metadata or "metadata" in obj:
        kept["metadata"] = metadata
    spec = obj.get("spec")
    if isinstance(spec, dict) and spec.get("clusterIP") != "None":
        kept["spec"] = {key: value for key, value in spec.items() if key not in _ALLOCATED.get(obj.get("kind", ""), ())}
    return kept


def component(changes: Iterable[tuple[Mapping[str, Any], Iterable[Operation]]]) -> str:
    """A kustomize Component (`kustomize` `api/types/kustomization.go ComponentKind`) with a patch for each object; each has a name."""
    patches = [
        {"target": _target(obj), "patch": as_yaml(_merge(obj, operations) or _rfc_6902(operations))}
        for obj, operations in ((obj, tuple(found)) for obj, found in changes)
    ]
    head = {"apiVersion": "kustomize.config.k8s.io/v1alpha1", "kind": "Component", "patches": patches}
    return COMPONENT + as_yaml(head)


def _target(obj: Mapping[str, Any]) -> dict[str, str]:
    """Which object: as it is written, without the version, in which repositories and servers differ. The name is a regular expression."""
    group = obj["apiVersion"].rpartition("/")[0]
    metadata = obj["metadata"]
    return {
        **({"group": group} if group else {}),
        "kind": obj["kind"],
        "name": _REGEX.sub(r"\\\g<0>", metadata["name"]),
        **({"namespace": metadata["namespace"]} if metadata.get("namespace") else {}),
    }


def _merge(obj: Mapping[str, Any], operations: tuple[Operation, ...]) -> dict[str, Any]:
    """New labels and annotations as a patch to merge: a server and a repository differ in which of these maps exist.

    Empty where an operation does anything else.
    """
    merged: dict[str, Any] = {"apiVersion": obj["apiVersion"], "kind": obj["kind"], "metadata": {"name": obj["metadata"]["name"]}}
    for operation in operations:
        is_map = _LABEL_OR_ANNOTATION.fullmatch(operation.path)
        if operation.op != "add" or not is_map or any(part.isdecimal() for part in is_map[1].split("/")):
            return {}
        *above, last = [part.replace("~1", "/").replace("~0", "~") for part in operation.path.split("/")[1:]]
        inner = merged
        for key in above:
            inner = inner.setdefault(key, {})
        inner[last] = _joined(inner.get(last), operation.value)
    return merged


def _joined(one: Any, other: Any) -> Any:
    if not (isinstance(one, dict) and isinstance(other, dict)):
        return other
    return {key: _joined(one.get(key), other[key]) if key in other else one[key] for key in one | other}


def _rfc_6902(operations: tuple[Operation, ...]) -> list[dict[str, Any]]:
    return [msgspec.to_builtins(item) for item in operations]


def as_yaml(value: Any) -> str:
    """YAML with texts of several lines as they are read."""
    return yaml_escaped(yaml.dump(value, Dumper=_Readable, sort_keys=False, allow_unicode=True, width=140))


class _Readable(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]
    """Writes a repeated value again instead of as an alias, and several lines as a block."""

    def ignore_aliases(self, _data: Any) -> bool:
        return True

    def represent_str(self, text: str) -> yaml.ScalarNode:
        style = '"' if re.search(HIDDEN, text) else "|" if "\n" in text else None
        node: yaml.ScalarNode = self.represent_scalar("tag:yaml.org,2002:str", text, style=style)
        return node


_Readable.add_representer(str, _Readable.represent_str)

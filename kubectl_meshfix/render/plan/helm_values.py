"""Changes of Istio's own ConfigMaps as what they are rendered from: Helm values, an IstioOperator, Sail's Istio resource."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from kubectl_meshfix.fixes.istio_installer import Form, Source
from kubectl_meshfix.render.plan.manifest import as_yaml
from kubectl_meshfix.resources.embedded import mapping

_SELECTORS = {name.lower(): name for name in ("neverInjectSelector", "alwaysInjectSelector")}

Document = Mapping[str, Any]


def owner_values(changes: Iterable[tuple[Document, Document, Source]]) -> str:
    """For each control plane what its owner has to be told, one document each.

    Each change is one of Istio's ConfigMaps before and after, and what it is rendered from, which decides the form: ``spec.values``
    of Sail's Istio resource, an IstioOperator, or values of the chart ``istiod``. Empty where no value is behind any change.
    """
    told: dict[Source, dict[str, Any]] = {}
    for before, after, source in changes:
        told.setdefault(source, {}).update(_values(before, after))
    rows = sorted(((source, values) for source, values in told.items() if values), key=lambda row: (row[0].namespace, row[0].revision))
    return "".join(f"---\n{_document(source, values)}" for source, values in rows)


def _values(before: Document, after: Document) -> Iterator[tuple[str, Any]]:
    """The charts' values behind the keys ``config`` and ``mesh`` (`manifests/charts/istio-control/istio-discovery/values.yaml`)."""
    selectors = {_SELECTORS[key.lower()]: value for key, value in _changed(before, after, "config") if key.lower() in _SELECTORS}
    if selectors:
        yield "sidecarInjectorWebhook", selectors
    settings = dict(_changed(before, after, "mesh"))
    if settings:
        yield "meshConfig", settings


def _changed(before: Document, after: Document, key: str) -> Iterator[tuple[str, Any]]:
    old, new = ((mapping(document.get("data", {}).get(key, ""))[0]) for document in (before, after))
    return ((name, value) for name, value in new.items() if old.get(name) != value)


def _document(source: Source, values: Mapping[str, Any]) -> str:
    match source.form:
        case Form.SAIL:
            resource = {"apiVersion": "sailoperator.io/v1", "kind": "Istio", "metadata": {"name": source.name}, "spec": {"values": values}}
            return f"# kubectl patch istio {source.name} --type merge --patch-file THIS\n{as_yaml(resource)}"
        case Form.OPERATOR:
            spec: dict[str, Any] = {"revision": source.revision} if source.revision != "default" else {}
            spec |= {"meshConfig": values["meshConfig"]} if "meshConfig" in values else {}
            rest = {key: value for key, value in values.items() if key != "meshConfig"}
            spec |= {"values": rest} if rest else {}
            operator = {"apiVersion": "install.istio.io/v1alpha1", "kind": "IstioOperator", "spec": spec}
            return f"# istioctl install -f YOUR-ISTIO-OPERATOR.yaml -f THIS\n{as_yaml(operator)}"
        case Form.CHART:
            command = f"helm upgrade {source.name} istio/istiod --version VERSION -n {source.namespace} --reuse-values -f THIS"
            return f"# {command}\n{as_yaml(values)}"

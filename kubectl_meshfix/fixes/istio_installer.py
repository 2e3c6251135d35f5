"""Who rendered Istio's own ConfigMaps, so that a change of them can be made where it lasts."""

import re
from enum import StrEnum

from kubectl_meshfix.fixes.managed_by import manager, sail
from kubectl_meshfix.resources.meta import Object, Struct


class Form(StrEnum):
    """What an owner takes."""

    CHART = "values of the chart istiod"
    OPERATOR = "an IstioOperator"
    SAIL = "Sail's Istio resource"


class Source(Struct, frozen=True):
    """What a ConfigMap is rendered from: the form, and the name of the Helm release or of the Istio resource."""

    form: Form
    name: str
    namespace: str
    revision: str


def source_of(config_map: Object) -> Source:
    """The owner by the marks it leaves; a chart where there are none, because values are what the two others take too."""
    metadata = config_map.metadata
    named = config_map.name.removeprefix("istio").removeprefix("-sidecar-injector").strip("-")
    revision = config_map.labels.get("istio.io/rev") or named or "default"
    found = manager(config_map)
    if next(sail(config_map), None):
        form, name = Form.SAIL, _istio_resource(config_map)
    elif found and found.name == "istioctl":
        form, name = Form.OPERATOR, ""
    else:
        by_revision = "istiod" if revision == "default" else f"istiod-{revision}"
        form, name = Form.CHART, metadata.annotations.get("meta.helm.sh/release-name") or by_revision
    return Source(form=form, name=name, namespace=config_map.namespace, revision=revision)


def _istio_resource(config_map: Object) -> str:
    """The Istio resource of an IstioRevision, which has its name or, with updateStrategy RevisionBased, its name and version.

    (`sail-operator` `pkg/revision/naming.go`: the version's dots are dashes.)
    """
    owners = [owner.name for owner in config_map.metadata.owner_references if owner.api_version.startswith("sailoperator.io/")]
    name = owners[0] if owners else "default"
    return re.split(r"-v\d+-\d+", name, maxsplit=1)[0]

"""Which installer a ConfigMap of Istio is rendered by, as the marks tell that it leaves."""

from typing import Any

import pytest

from kubectl_meshfix.fixes.istio_installer import Form, source_of
from kubectl_meshfix.resources.meta import Object
from tests.injection.installations import decoded


def config_map(name: str, owner: tuple[str, str] | None = None, **metadata: Any) -> Object:
    """A ConfigMap, of an owner by its API and its name."""
    owners = [{"apiVersion": owner[0], "kind": "IstioRevision", "name": owner[1], "controller": True}] if owner else []
    place = {"name": name, "namespace": "istio-system", "ownerReferences": owners, **metadata}
    return decoded({"apiVersion": "v1", "kind": "ConfigMap", "metadata": place})


SAIL = "sailoperator.io/v1"
HELM = {"app.kubernetes.io/managed-by": "Helm"}


@pytest.mark.parametrize(
    ("found", "form", "name", "revision"),
    [
        (config_map("istio-sidecar-injector"), Form.CHART, "istiod", "default"),
        (config_map("istio"), Form.CHART, "istiod", "default"),
        (config_map("istio-sidecar-injector-canary"), Form.CHART, "istiod-canary", "canary"),
        (config_map("istio-canary"), Form.CHART, "istiod-canary", "canary"),
        (config_map("istio-canary", labels={"istio.io/rev": "1-30"}), Form.CHART, "istiod-1-30", "1-30"),
        (config_map("istio", labels=HELM, annotations={"meta.helm.sh/release-name": "mesh"}), Form.CHART, "mesh", "default"),
        (config_map("istio", labels={"operator.istio.io/managed": "Reconcile"}), Form.OPERATOR, "", "default"),
        (config_map("istio", (SAIL, "default")), Form.SAIL, "default", "default"),
        (config_map("istio", (SAIL, "prod-v1-28-1")), Form.SAIL, "prod", "default"),
        (config_map("istio", (SAIL, "prod-v1")), Form.SAIL, "prod-v1", "default"),
        (config_map("istio", ("example.com/v1", "other"), labels={"managed-by": "sail-operator"}), Form.SAIL, "default", "default"),
    ],
)
def test_the_form_and_the_name(found: Object, form: Form, name: str, revision: str) -> None:
    """A chart where no other mark is; its release is called like istiod unless an annotation says otherwise."""
    source = source_of(found)

    assert (source.form, source.name, source.namespace, source.revision) == (form, name, "istio-system", revision)

"""Control planes are found and configured as far as what was read tells."""

import json
from typing import Any

import pytest

from kubectl_meshfix.mesh.control_plane import (
    INPUTS,
    ControlPlane,
    control_plane,
    control_planes,
    main_control_plane,
    mesh_config,
    parse_version,
    root_namespace,
    serving_revision,
    tags,
)
from kubectl_meshfix.mesh.coverage import Coverage
from kubectl_meshfix.mesh.snapshot import Mesh, UndeclaredInputError
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.admission import ClientConfig, MutatingWebhookConfiguration, ServiceReference, Webhook
from kubectl_meshfix.resources.injector_config import read_injector_config
from kubectl_meshfix.resources.mesh_config import ExtensionProvider
from kubectl_meshfix.resources.meta import LabelSelector, Meta, Ref, Requirement
from tests.injection.installations import INSTALLATIONS, config_map, decoded, injector, istiod, mesh

REF = Ref("v1", "ConfigMap", "istio-system", "istio-sidecar-injector")


def only(*objects: Any, live: bool = False) -> ControlPlane:
    """The one control plane of a mesh."""
    (found,) = control_planes(mesh(*objects, live=live))
    return found


def test_one_installation_is_one_control_plane() -> None:
    """Deployment, webhooks and both ConfigMaps of a revision belong together."""
    found = only(istiod(PLATFORM="openshift"), INSTALLATIONS["default"], injector(), config_map("istio", mesh="rootNamespace: roots"))

    assert (found.revision, found.namespace) == ("default", "istio-system")
    assert found.version == (1, 30, "1.30.0")
    assert found.env == {"PLATFORM": "openshift"}
    assert found.deployment == Ref("apps/v1", "Deployment", "istio-system", "istiod")
    assert found.injector is not None
    assert (found.injector.policy, found.injector.usable, found.injector.problems) == ("enabled", True, ())
    assert (found.mesh_config.root_namespace, found.problems) == ("roots", ())


@pytest.mark.parametrize(
    "part",
    [istiod("r1"), INSTALLATIONS["r1"], injector("r1"), config_map("istio-r1", mesh="{}")],
    ids=["istiod", "webhooks", "injector", "mesh"],
)
def test_any_part_tells_of_a_control_plane(part: Any) -> None:
    """A user who may read one thing only, or a repository that holds one, still knows revision and namespace."""
    found = only(part)

    assert (found.revision, found.namespace) == ("r1", "istio-system")


def test_revisions_are_control_planes_of_their_own() -> None:
    """Two revisions, and one of the same name in another namespace, are three control planes."""
    snapshot = mesh(istiod(), istiod("r1"), istiod("r1", namespace="other"), injector("r1", policy="disabled"))

    assert [(plane.namespace, plane.revision) for plane in control_planes(snapshot)] == [
        ("istio-system", "default"),
        ("istio-system", "r1"),
        ("other", "r1"),
    ]
    elsewhere = control_plane(snapshot, "r1", "other")
    assert elsewhere is not None
    assert elsewhere.namespace == "other"
    assert elsewhere.injector is None


def test_tags_lead_to_revisions() -> None:
    """A tag stands for the revision whose istiod its webhooks call."""
    snapshot = mesh(INSTALLATIONS["r1 as prod"], INSTALLATIONS["r1 as default"])
    found = control_plane(snapshot, "prod")

    assert tags(snapshot) == {"prod": "r1", "default": "r1"}
    assert found is not None
    assert found.revision == "r1"
    assert main_control_plane(snapshot) == found


def test_a_revision_goes_before_a_tag_of_its_name() -> None:
    """Revision default is not the one that tag default points to, and the tag's owner speaks for the mesh."""
    snapshot = mesh(INSTALLATIONS["r1 as default"], istiod(), istiod("r1"))
    named, main = control_plane(snapshot, "default"), main_control_plane(snapshot)

    assert named is not None
    assert named.revision == "default"
    assert main is not None
    assert main.revision == "r1"


def test_other_things_are_no_control_planes() -> None:
    """A name alone does not make one, and neither does a key alone."""
    assert (
        control_planes(mesh(config_map("istio-grafana", dashboard="{}"), config_map("istio", other="x"), config_map("mesh", mesh="x")))
        == ()
    )


@pytest.mark.parametrize(
    ("image", "version"),
    [
        ("docker.io/istio/pilot:1.27.3", (1, 27)),
        ("docker.io/istio/pilot:1.27.3-distroless", (1, 27)),
        ("registry:5000/istio/pilot:1.26.0@sha256:abc", (1, 26)),
        ("gcr.io/istio-testing/pilot:1.32-alpha.86c9f01", (1, 32)),
        ("registry:5000/istio/pilot", None),
        ("istio/pilot@sha256:abc", None),
        ("istio/pilot:latest", None),
        ("maistra/pilot:2.6.1", None),
    ],
)
def test_the_version_is_the_images_tag(image: str, version: tuple[int, int] | None) -> None:
    """Tags of Istio 1.x tell the version; digests, moving tags and other numberings do not."""
    found = only(istiod(image=image)).version

    assert (found[:2] if found else None) == version


def test_an_image_pinned_by_digest_leaves_the_version_to_the_values() -> None:
    """The tag that proxies get is the control plane's own where its image has none."""
    found = only(istiod(image="pilot@sha256:abc"), injector(values={"global": {"tag": "1.26.2"}})).version

    assert found == parse_version("1.26.2")


def test_values() -> None:
    """What the templates read is found where the chart puts it, in its older place too."""
    proxy = {"privileged": True, "seccompProfile": {"type": "RuntimeDefault"}}
    values = {
        "global": {"platform": "openshift", "hub": "h", "tag": "1.30.0", "proxy": proxy},
        "istio_cni": {"enabled": True},
        "pilot": {"cni": {"enabled": False, "provider": "multus"}, "env": {"ENABLE_NATIVE_SIDECARS": True, "N": 1}},
        "sidecarInjectorWebhook": {"enableNamespacesByDefault": True},
    }
    found = only(injector(values=values))
    assert found.injector is not None
    read = found.injector.values

    assert (read.platform, read.privileged, read.seccomp_profile, read.cni_provider) == ("openshift", True, "RuntimeDefault", "multus")
    assert read.cni_enabled
    assert read.enable_namespaces_by_default
    assert read.proxy_image == "h/proxyv2:1.30.0"
    assert found.env == {"ENABLE_NATIVE_SIDECARS": "true", "N": "1"}


def test_values_of_any_shape_are_survived() -> None:
    """Values are people's; what is not where the chart has it is not set."""
    for odd in (
        {},
        {"global": None},
        {"global": {"proxy": "x"}, "pilot": [], "sidecarInjectorWebhook": {"enableNamespacesByDefault": "no"}},
    ):
        read = only(injector(values=odd)).injector
        assert read is not None
        assert read.usable
        assert not read.values.enable_namespaces_by_default


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        ({"config": "policy: enabled"}, "It has no key values."),
        ({"values": "{}"}, "It has no key config."),
        ({"config": "policy: [", "values": "{}"}, "Its key config cannot be read"),
        ({"config": "policy: enabled", "values": "{"}, "Its key values cannot be read"),
        ({"config": "- policy", "values": "{}"}, "list"),
        ({"config": "neverInjectSelector: {a: b}", "values": "{}"}, "Its key config does not decode"),
        ({"config": "neverInjectSelector: [{matchLabels: [a]}]", "values": "{}"}, "Its key config does not decode"),
        ({"config": "policy: [enabled]", "values": "{}"}, "a list stands where a string belongs"),
        ({"config": "templates: {sidecar: {spec: {}}}", "values": "{}"}, "a dict stands where a string belongs"),
    ],
)
def test_a_broken_injector_configuration_says_what_is_wrong(data: dict[str, str], problem: str) -> None:
    """What istiod could not start from is not usable, and the problem is told."""
    found = read_injector_config(REF, data)

    assert not found.usable
    assert problem in " ".join(found.problems)
    assert found.text == data.get("config", "")


EMPTY = LabelSelector()
BUILD = LabelSelector(match_expressions=(Requirement(key="openshift.io/build.name", operator="Exists"),))


@pytest.mark.parametrize(
    ("text", "selectors"),
    [
        ("neverInjectSelector:\n- matchExpressions:\n  - {key: openshift.io/build.name, operator: Exists}", (BUILD,)),
        ("NeverInjectSelector:\n- MatchExpressions:\n  - {KEY: openshift.io/build.name, Operator: Exists, values: null}", (BUILD,)),
        (
            "neverInjectSelector:\n- matchExpressions:\n- {key: openshift.io/build.name, operator: Exists}",
            (EMPTY, EMPTY),
        ),
        ("neverInjectSelector: [null, {}]", (EMPTY, EMPTY)),
        ("neverInjectSelector: null", ()),
        ("neverInjectSelector: [{matchLabels: {a: true, b: 1}}]", (LabelSelector(match_labels={"a": "true", "b": "1"}),)),
        ("neverInjectSelector: [{matchLabels: {key: x}}]", (LabelSelector(match_labels={"key": "x"}),)),
        ("neverInjectSelector: []\nneverInjectSelector: [{matchLabels: {a: b}}]", (LabelSelector(match_labels={"a": "b"}),)),
        (
            "neverInjectSelector: [{matchLabels: {a: 1.50, b: yes, c: 010}}]",
            (LabelSelector(match_labels={"a": "1.5", "b": "true", "c": "8"}),),
        ),
        ("neverInjectSelectors: [{matchLabels: {a: b}}]", ()),
    ],
)
def test_selectors_are_read_as_istiod_reads_them(text: str, selectors: tuple[LabelSelector, ...]) -> None:
    """Keys match in any case, scalars are strings, unknown fields vanish, empty items stay, and of two keys the last counts."""
    assert read_injector_config(REF, {"config": f"policy: enabled\n{text}\n", "values": "{}"}).never_inject_selector == selectors


def test_a_missing_configuration_is_known_on_a_cluster_only() -> None:
    """An istiod without its ConfigMap serves no injection; in files, and without the right to look, it may be anywhere."""
    absent = only(istiod(), live=True).injector
    unread = Mesh([istiod()], live=True, coverage={kinds.CONFIG_MAP: Coverage(reason="forbidden")})

    assert absent is not None
    assert not absent.usable
    assert control_planes(unread)[0].injector is None
    assert only(istiod()).injector is None


def test_mesh_configuration() -> None:
    """Fields that are set count; providers of one's own stand beside Istio's, or in their place."""
    text = json.dumps(
        {
            "accessLogFile": "/dev/stdout",
            "outboundTrafficPolicy": {"mode": "REGISTRY_ONLY"},
            "discoverySelectors": [{"matchLabels": {"a": "b"}}],
            "extensionProviders": [
                {"name": "otel", "opentelemetry": {"service": "otel.obs.svc.cluster.local", "port": 4317}},
                {"name": "envoy", "envoyFileAccessLog": {"path": "/x"}},
                {"name": "empty"},
            ],
            "defaultProviders": {"accessLogging": ["otel"]},
            "defaultConfig": {"proxyMetadata": {"A": "b"}, "holdApplicationUntilProxyStarts": True, "tracing": None},
            "unheardOf": 1,
        }
    )
    found = mesh_config(mesh(config_map("istio", mesh=text)))

    assert (found.access_log_file, found.outbound_traffic_policy.mode) == ("/dev/stdout", "REGISTRY_ONLY")
    assert found.discovery_selectors == (LabelSelector(match_labels={"a": "b"}),)
    assert [provider.name for provider in found.extension_providers] == ["prometheus", "stackdriver", "otel", "envoy", "empty"]
    assert found.extension_providers[2] == ExtensionProvider(
        name="otel", kind="opentelemetry", service="otel.obs.svc.cluster.local", port=4317
    )
    assert found.default_providers.access_logging == ("otel",)
    assert found.default_config.proxy_metadata == {"A": "b"}
    assert found.default_config.hold_application_until_proxy_starts


@pytest.mark.parametrize(("objects", "root"), [
    ((), "istio-system"),
    ((istiod(namespace="mesh-control"),), "mesh-control"),
    ((istiod(namespace="mesh-control"), config_map("istio", "mesh-control", mesh="rootNamespace: roots")), "roots"),
    ((istiod(namespace="mesh-control"), config_map("istio", "mesh-control", mesh="{}")), "istio-system"),
])  # fmt: skip
def test_the_root_namespace(objects: tuple[Any, ...], root: str) -> None:
    """It is what the mesh configuration says, Istio's own default where that is silent, and istiod's namespace where it was not read."""
    assert root_namespace(mesh(*objects)) == root


@pytest.mark.parametrize("text", ["a: [", "- a", "accessLogFile: {a: b}", "defaultConfig: 3"])
def test_a_broken_mesh_configuration_is_a_problem(text: str) -> None:
    """Istio goes on with what it had, which is taken to be its default, and the problem is told."""
    found = only(config_map("istio", mesh=text))

    assert found.mesh_config.outbound_traffic_policy.mode == "ALLOW_ANY"
    assert found.problems


def test_each_revision_has_its_own_mesh_configuration() -> None:
    """The default revision speaks for the mesh unless another one is asked for."""
    snapshot = mesh(config_map("istio", mesh="accessLogFile: a"), config_map("istio-r1", mesh="accessLogFile: b"))

    assert mesh_config(snapshot).access_log_file == "a"
    assert mesh_config(snapshot, "r1").access_log_file == "b"


@pytest.mark.parametrize("missing", INPUTS)
def test_a_view_without_an_input_is_refused(missing: kinds.Kind) -> None:
    """Whether or not control planes have been looked for before."""
    whole = mesh(istiod())
    control_planes(whole)

    with pytest.raises(UndeclaredInputError):
        control_planes(whole.restricted_to(*(kind for kind in INPUTS if kind is not missing)))


@pytest.mark.parametrize(
    ("service", "label", "revision"),
    [
        ("istiod", "canary", "default"),
        ("istiod-canary", "", "canary"),
        ("istiod-canary", "other", "canary"),
        ("istiod-remote", "canary", "canary"),
        ("istiod-remote", "", "default"),
        ("istiod-revision-tag-prod", "canary", "canary"),
        ("pilot", "canary", "canary"),
        ("pilot", "", "default"),
        ("", "canary", "canary"),
        ("", "", "default"),
    ],
)
def test_a_webhook_serves_the_revision_of_its_service(service: str, label: str, revision: str) -> None:
    """By the Service's name where that tells it; a webhook with a URL, or a name that tells none, by its configuration's label."""
    labels = {"istio.io/rev": label} if label else {}
    client = ClientConfig(service=ServiceReference(name=service, namespace="istio-system") if service else None)

    assert serving_revision(MutatingWebhookConfiguration(metadata=Meta(name="w", labels=labels)), Webhook(client_config=client)) == revision


def pilot(
    labels: dict[str, str], of_pods: dict[str, str], *, name: str = "discovery", image: str = "pilot:1.30.0", revision: str = ""
) -> Any:
    """A Deployment that may be an istiod."""
    container = {"name": name, "image": image, "env": [{"name": "REVISION", "value": revision}] if revision else []}
    template = {"metadata": {"labels": of_pods}, "spec": {"containers": [{"name": "agent", "image": "a"}, container]}}
    metadata = {"name": "istiod", "namespace": "istio-system", "labels": labels}
    return decoded({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": {"template": template}})


@pytest.mark.parametrize(
    ("found", "revision"),
    [
        (pilot({"app": "istiod"}, {}), "default"),
        (pilot({}, {"app": "istiod"}), "default"),
        (pilot({"app": "zookeeper"}, {"app": "zookeeper"}), None),
        (pilot({}, {}), None),
        (pilot({"app": "istiod"}, {}, name="proxy"), None),
        (pilot({"app": "istiod", "istio.io/rev": "own"}, {}), "own"),
        (pilot({"app": "istiod", "istio.io/rev": "own"}, {"istio.io/rev": "pods"}), "pods"),
        (pilot({"app": "istiod", "istio.io/rev": "own"}, {"istio.io/rev": "pods"}, revision="env"), "env"),
    ],
)
def test_an_istiod_is_labelled_so_and_has_discovery(found: Any, revision: str | None) -> None:
    """By the label app of the Deployment or its pods, and a container of that name; its revision by its environment, else by labels."""
    assert [plane.revision for plane in control_planes(mesh(found))] == ([revision] if revision else [])


@pytest.mark.parametrize(
    ("image", "label", "tag", "version"),
    [
        ("pilot:1.30.1", "1.29.0", "1.28.0", "1.30.1"),
        ("registry:5000/istio/pilot:1.30.1-distroless", "", "", "1.30.1-distroless"),
        ("registry:5000/istio/pilot", "", "", None),
        ("registry:5000/istio/pilot@sha256:0", "1.29.0", "1.28.0", "1.29.0"),
        ("pilot:1.30.1@sha256:0", "1.29.0", "1.28.0", "1.30.1"),
        ("pilot:latest", "", "1.28.0", "1.28.0"),
        ("pilot:latest", "", "", None),
    ],
)
def test_a_version_is_the_images_tag_else_the_charts_else_the_proxies(image: str, label: str, tag: str, version: str | None) -> None:
    """A registry's port is no tag, and neither is a digest."""
    labels = {"app": "istiod", **({"app.kubernetes.io/version": label} if label else {})}
    found = only(pilot({}, labels, image=image), injector(values={"global": {"tag": tag}} if tag else {}))

    assert (found.version.text if found.version else None) == version


def test_a_tag_points_at_the_revision_of_its_webhooks() -> None:
    """By the Service that they call; without a webhook of the injector, by the configuration's own label."""

    def tagged(
        name: str, service: str, webhook: str = "rev.namespace.sidecar-injector.istio.io", **labels: str
    ) -> MutatingWebhookConfiguration:
        client = ClientConfig(service=ServiceReference(name=service, namespace="istio-system"))
        metadata = Meta(name=name, labels={"istio.io/tag": name, **labels})
        return MutatingWebhookConfiguration(metadata=metadata, webhooks=(Webhook(name=webhook, client_config=client),))

    rows = (
        tagged("prod", "istiod-r1"),
        tagged("stable", "istiod", **{"istio.io/rev": "r2"}),
        tagged("other", "istiod-r1", "check.example.com", **{"istio.io/rev": "r3"}),
        tagged("none", "istiod-r1", "check.example.com"),
    )
    assert dict(tags(mesh(rows))) == {"prod": "r1", "stable": "default", "other": "r3", "none": "default"}

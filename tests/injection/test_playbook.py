"""Whole chains as text: what is told, in which order, and nothing else."""

from kubectl_meshfix.chain.steps import answer, told
from kubectl_meshfix.injection.chain import walk
from kubectl_meshfix.injection.subjects import subject
from tests.injection.scenes import HEALTHY, cluster, deployment, explained, pod, replica_set, space, template
from tests.injection.test_chain import ENABLED, INJECT, SCENES
from tests.injection.told import shown


def test_a_healthy_pod() -> None:
    """Every stage passes, and the webhooks that do not take the pod are told and passed over."""
    assert (
        shown(explained(cluster(HEALTHY, space(ENABLED), deployment(), replica_set(), pod(injected=True))))
        == """
Deployment shop/cart has a sidecar: the namespace label istio-injection=enabled selects revision default; the injector's policy is enabled.
decided by injector: policy
apiserver
  ✓ installation: The injector's webhooks were read: 4, in istio-sidecar-injector.
  ✓ webhooks: The namespace label istio-injection=enabled selects revision default.
  · namespaceSelector: Webhook rev.namespace of istio-sidecar-injector selects namespaces by istio.io/rev=default; the namespace has no label istio.io/rev.
  · namespaceSelector: Webhook rev.object of istio-sidecar-injector selects namespaces by !istio-injection; the namespace has istio-injection=enabled.
  ✓ called: Webhook namespace of istio-sidecar-injector takes the pod (revision default).
  · namespaceSelector: Webhook object of istio-sidecar-injector selects namespaces by !istio-injection; the namespace has istio-injection=enabled.
  ✓ service: Service istio-system/istiod exists.
  ✓ servicePort: Service istio-system/istiod has port 443.
  ✓ endpoints: Service istio-system/istiod leads to 10.0.0.7.
  ✓ istiod: Deployment istio-system/istiod serves.
  ✓ caBundle: The caBundle holds the mesh's root certificate.
  ✓ failurePolicy: If the call fails, the pod is not created and its maker reports FailedCreate.
injector
  ✓ configMap: ConfigMap istio-system/istio-sidecar-injector is in order.
  ✓ hostNetwork: The pod has a network of its own.
  ✓ ignoredNamespaces: Namespace shop is not one that Istio leaves alone.
  ✓ sidecar.istio.io/inject: The pod has no value for sidecar.istio.io/inject.
  ✓ neverInjectSelector: neverInjectSelector does not select the pod.
  ✓ alwaysInjectSelector: alwaysInjectSelector does not select the pod.
  ✓ policy: The injector's policy is enabled.
  ✓ templates: The injector has the templates of the pod.
  ✓ nativeSidecar: Node n1 runs kubelet 1.32, older than 1.33, so the sidecar is an ordinary container.
  ✓ annotations: The injector takes the values of the pod's annotations.
  ✓ containerOrder: The application does not wait for the proxy, so its first calls may fail.
  ✓ cni: There is no CNI agent: istio-init redirects traffic, with NET_ADMIN and NET_RAW.
kubelet
  ✓ pods: Pod cart-1-x exists, Running.
  ✓ istio-proxy: Pod cart-1-x has the proxy.
  ✓ readiness: The proxy is ready.
  ✓ revision: The proxy is of revision default, as in a new pod.
"""
    )


def test_a_pod_that_opts_out() -> None:
    """What keeps the sidecar away is told webhook by webhook; the one that came closest decides."""
    out = template({INJECT: "false"})

    assert (
        shown(explained(cluster(HEALTHY, space(ENABLED), deployment(out), replica_set(), pod(out))))
        == """
Deployment shop/cart has no sidecar: the pod label sidecar.istio.io/inject=false keeps every webhook away.
decided by apiserver: objectSelector
apiserver
  ✓ installation: The injector's webhooks were read: 4, in istio-sidecar-injector.
  ✗ webhooks: The pod label sidecar.istio.io/inject=false keeps every webhook away.
  · namespaceSelector: Webhook rev.namespace of istio-sidecar-injector selects namespaces by istio.io/rev=default; the namespace has no label istio.io/rev.
  · namespaceSelector: Webhook rev.object of istio-sidecar-injector selects namespaces by !istio-injection; the namespace has istio-injection=enabled.
  ✗ objectSelector: Webhook namespace of istio-sidecar-injector selects pods by sidecar.istio.io/inject!=false; the pod has sidecar.istio.io/inject=false.
  · namespaceSelector: Webhook object of istio-sidecar-injector selects namespaces by !istio-injection; the namespace has istio-injection=enabled.
injector
  · configMap: No webhook takes the pod, so no injector is asked.
kubelet
  ✓ pods: Pod cart-1-x exists, Running.
  · istio-proxy: Pod cart-1-x has no proxy, as predicted.
"""
    )


def test_a_tag_that_dangles() -> None:
    """The refusal of the newest ReplicaSet and the way to istiod name the same cause, each at its place."""
    scene = SCENES["tag that points to a revision that is gone"]

    assert (
        shown(explained(scene.mesh))
        == """
Deployment shop/cart gets no sidecar: no pod can be created. Service istio-system/istiod-r1 does not exist, and istio-revision-tag-prod calls it: revision r1 seems to be uninstalled.
decided by apiserver: service
apiserver
  ✓ installation: The injector's webhooks were read: 6, in istio-revision-tag-prod, istio-sidecar-injector.
  ✓ webhooks: The namespace label istio.io/rev=prod selects revision r1.
  ✓ called: Webhook rev.namespace of istio-revision-tag-prod takes the pod (revision r1).
  · namespaceSelector: Webhook rev.object of istio-revision-tag-prod selects namespaces by !istio.io/rev; the namespace has istio.io/rev=prod.
  · namespaceSelector: Webhook rev.namespace of istio-sidecar-injector selects namespaces by istio.io/rev=default; the namespace has istio.io/rev=prod.
  · namespaceSelector: Webhook rev.object of istio-sidecar-injector selects namespaces by !istio.io/rev; the namespace has istio.io/rev=prod.
  · namespaceSelector: Webhook namespace of istio-sidecar-injector selects namespaces by istio-injection=enabled; the namespace has no label istio-injection.
  · namespaceSelector: Webhook object of istio-sidecar-injector selects namespaces by !istio.io/rev; the namespace has istio.io/rev=prod.
  ✗ service: Service istio-system/istiod-r1 does not exist, and istio-revision-tag-prod calls it: revision r1 seems to be uninstalled.
  ✓ caBundle: The caBundle holds the mesh's root certificate.
  ✓ failurePolicy: If the call fails, the pod is not created and its maker reports FailedCreate.
  ✗ service: The Service that the injector's webhook calls does not exist.
injector
  ? configMap: ConfigMap istio-system/istio-sidecar-injector-r1 was not read (no such object was found); the chart's configuration is assumed.
  ✓ hostNetwork: The pod has a network of its own.
  ✓ ignoredNamespaces: Namespace shop is not one that Istio leaves alone.
  ✓ sidecar.istio.io/inject: The pod has no value for sidecar.istio.io/inject.
  ✓ neverInjectSelector: neverInjectSelector does not select the pod.
  ✓ alwaysInjectSelector: alwaysInjectSelector does not select the pod.
  ✓ policy: The injector's policy is enabled.
  ✓ templates: The injector has the templates of the pod.
  ✓ nativeSidecar: Node n1 runs kubelet 1.32, older than 1.33, so the sidecar is an ordinary container.
  ✓ annotations: The injector takes the values of the pod's annotations.
  ✓ containerOrder: The application does not wait for the proxy, so its first calls may fail.
kubelet
  ✗ pods: No pod can be created: the Service that the injector's webhook calls does not exist.
-> Set the tag prod to a revision that is there (default), or delete the leftover istio-revision-tag-prod.
"""
    )


def test_a_firewall() -> None:
    """What the API server's words name is told in the stage where it went wrong."""
    scene = SCENES["firewall"]

    assert (
        shown(explained(scene.mesh))
        == """
Deployment shop/cart gets no sidecar: no pod can be created. The API server does not reach istiod in time.
decided by apiserver: network
apiserver
  ✓ installation: The injector's webhooks were read: 4, in istio-sidecar-injector.
  ✓ webhooks: The namespace label istio-injection=enabled selects revision default.
  · namespaceSelector: Webhook rev.namespace of istio-sidecar-injector selects namespaces by istio.io/rev=default; the namespace has no label istio.io/rev.
  · namespaceSelector: Webhook rev.object of istio-sidecar-injector selects namespaces by !istio-injection; the namespace has istio-injection=enabled.
  ✓ called: Webhook namespace of istio-sidecar-injector takes the pod (revision default).
  · namespaceSelector: Webhook object of istio-sidecar-injector selects namespaces by !istio-injection; the namespace has istio-injection=enabled.
  ✓ service: Service istio-system/istiod exists.
  ✓ servicePort: Service istio-system/istiod has port 443.
  ✓ endpoints: Service istio-system/istiod leads to 10.0.0.7.
  ✓ istiod: Deployment istio-system/istiod serves.
  ✓ caBundle: The caBundle holds the mesh's root certificate.
  ✓ failurePolicy: If the call fails, the pod is not created and its maker reports FailedCreate.
  ✗ network: The API server does not reach istiod in time.
injector
  ✓ configMap: ConfigMap istio-system/istio-sidecar-injector is in order.
  ✓ hostNetwork: The pod has a network of its own.
  ✓ ignoredNamespaces: Namespace shop is not one that Istio leaves alone.
  ✓ sidecar.istio.io/inject: The pod has no value for sidecar.istio.io/inject.
  ✓ neverInjectSelector: neverInjectSelector does not select the pod.
  ✓ alwaysInjectSelector: alwaysInjectSelector does not select the pod.
  ✓ policy: The injector's policy is enabled.
  ✓ templates: The injector has the templates of the pod.
  ✓ nativeSidecar: Node n1 runs kubelet 1.32, older than 1.33, so the sidecar is an ordinary container.
  ✓ annotations: The injector takes the values of the pod's annotations.
  ✓ containerOrder: The application does not wait for the proxy, so its first calls may fail.
  ✓ cni: There is no CNI agent: istio-init redirects traffic, with NET_ADMIN and NET_RAW.
kubelet
  ✗ pods: No pod can be created: the API server does not reach istiod in time.
-> Let the API server reach istiod's port 15017: see firewall rules (GKE private clusters, EKS security groups), NetworkPolicies and istiod's load.
"""
    )


def test_the_answer_is_what_is_told() -> None:
    """Who asks for the answer alone gets the one that is told with its steps, in every scene."""
    for scene in SCENES.values():
        found = next(obj for obj in scene.mesh.objects if (obj.kind, obj.name) == (scene.kind, scene.name))
        target = subject(scene.mesh, found)

        assert answer(walk(scene.mesh, target)) == told(walk(scene.mesh, target)).value

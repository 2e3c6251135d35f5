"""Labels and annotations that ask for the mesh (`istio.io/api/label`, `istio.io/api/annotation`)."""

INJECTION = "istio-injection"
"""On a namespace: ``enabled`` asks the default revision to inject; any other value keeps injection away."""

INJECT = "sidecar.istio.io/inject"
"""On a pod: ``true`` or ``false``. As a label the API server sees it; as an annotation only the injector does."""

DATAPLANE_MODE = "istio.io/dataplane-mode"
"""On a namespace or pod: ``ambient`` or ``none``. No injector's selector mentions it."""

REDIRECTION = "ambient.istio.io/redirection"
"""Annotation that the CNI agent leaves on pods it enrolled in ambient."""

TEMPLATES = "inject.istio.io/templates"
"""Annotation with the injection templates to use, separated by commas, in place of the default ones."""

NATIVE = "sidecar.istio.io/nativeSidecar"
"""Annotation: ``true`` or ``false``, over what istiod would do."""

MANAGED = "gateway.istio.io/managed"
"""Label of what the controller for Gateway API makes."""

METADATA_NAME = "kubernetes.io/metadata.name"
"""Label every namespace has, with its name, whether the object shows it or not."""

GATEWAY_NAME = "gateway.networking.k8s.io/gateway-name"
"""Label by which the pods of a Kubernetes Gateway, waypoints too, say whose they are (`pkg/config/constants/constants.go`)."""

TUNNEL = "networking.istio.io/tunnel"
"""Label of pods whose sidecar takes HBONE, with the value ``http``."""

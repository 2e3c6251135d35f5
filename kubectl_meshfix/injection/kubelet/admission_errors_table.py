"""The API server's words for a pod that was not created, and what each of them means.

Where they come from: `k8s.io/apiserver/pkg/admission/plugin/webhook` (calls), `pkg/kube/inject` (the injector's own refusals),
`k8s.io/pod-security-admission`, OpenShift's SCC plugin, quota and LimitRanger, `k8s.io/kubernetes/pkg/apis/core/validation`.
"""

import msgspec

from kubectl_meshfix.chain.steps import Outcome
from kubectl_meshfix.injection.checks import apiserver, injector, kubelet


class Refusal(msgspec.Struct, frozen=True):
    """What refused a pod: the outcome of the check it belongs to, and what to do about it.

    ``plain`` is the outcome and the advice where injection has no part in it: the words name nothing that injection adds. Where
    ``counts`` is set they name no container at all, and the proxy has a part in it wherever there is one.
    """

    outcome: Outcome
    advice: str
    command: str = ""
    plain: tuple[Outcome, str] | None = None
    counts: bool = False


_OPEN_PORT = (
    "Let the API server reach istiod's port 15017: see firewall rules (GKE private clusters, EKS security groups), NetworkPolicies and "
    "istiod's load."
)

CALLS: tuple[tuple[str, Refusal], ...] = (
    (
        r'service "[^"]+" not found',
        Refusal(
            apiserver.SERVICE_NOT_FOUND,
            "Delete the webhook configuration if its revision is gone, or install the revision again.",
        ),
    ),
    (
        r"no service port \d+ found",
        Refusal(
            apiserver.PORT_NOT_FOUND,
            "Give istiod's Service the port 443 to 15017 again, as the chart has it.",
        ),
    ),
    (
        r"no endpoints available|connection refused",
        Refusal(
            apiserver.NO_READY_ISTIOD,
            "Get istiod running; until then no pod that the webhook takes can be created.",
            "kubectl get pods -A -l app=istiod",
        ),
    ),
    (
        r"certificate has expired or is not yet valid",
        Refusal(
            apiserver.CERTIFICATE_EXPIRED,
            "Rotate the mesh's CA, or set the clock of istiod's node right, and restart istiod.",
            "kubectl rollout restart deployment -n istio-system -l app=istiod",
        ),
    ),
    (
        r"certificate is valid for (?:(?!certificate).)*not",
        Refusal(
            apiserver.CERTIFICATE_NAME,
            "Let clientConfig name the Service that istiod's certificate is for.",
        ),
    ),
    (
        r"x509|unknown authority|tls: ",
        Refusal(
            apiserver.NOT_TRUSTED,
            "Istiod writes the webhook's caBundle by the label istio.io/rev: check the label, and that nothing (GitOps) resets it.",
            "kubectl get mutatingwebhookconfigurations -l app=sidecar-injector -L istio.io/rev",
        ),
    ),
    (
        r"could not find the requested resource",
        Refusal(
            apiserver.DOES_NOT_INJECT,
            "Istiod started without its injector's ConfigMap, or with INJECT_ENABLED=false: restore the ConfigMap and restart istiod.",
            "kubectl rollout restart deployment -n istio-system -l app=istiod",
        ),
    ),
    (
        r"Address is not allowed",
        Refusal(
            apiserver.NOT_ALLOWED,
            "With a foreign CNI on EKS, run istiod with hostNetwork, or use the VPC's CNI.",
        ),
    ),
    (
        r"proxyconnect|Service Unavailable|Bad Gateway|: Forbidden$",
        Refusal(
            apiserver.PROXIED,
            "Add .svc, .cluster.local and the Services' address range to NO_PROXY of the kube-apiserver.",
        ),
    ),
    (
        r"deadline exceeded|i/o timeout|Client\.Timeout|request canceled|no route to host|TLS handshake timeout",
        Refusal(
            apiserver.TOO_SLOW,
            _OPEN_PORT,
            "kubectl get --raw /api/v1/namespaces/istio-system/services/https:istiod:https-webhook/proxy/ready",
        ),
    ),
    (
        r"received invalid webhook response",
        Refusal(apiserver.NOT_ISTIOD, "Look at what the webhook's Service selects."),
    ),
)
"""After ``failed calling webhook``: the end of the message, most telling first."""

DENIALS: tuple[tuple[str, Refusal], ...] = (
    (
        r"invalid value '[^']*' for annotation",
        Refusal(injector.VALUE_REFUSED, "Correct the annotation of the pod template."),
    ),
    (
        r"requested template",
        Refusal(
            injector.TEMPLATE_NOT_FOUND,
            "Correct inject.istio.io/templates, or add the template to the injector's configuration.",
        ),
    ),
    (
        r"failed to parse values\.yaml",
        Refusal(
            injector.VALUES_UNREADABLE,
            "Restore the ConfigMap, best by the tool that installed Istio.",
        ),
    ),
    (
        r"Template_Version_And_Istio_Version_Mismatched",
        Refusal(injector.NEWER_CHART, "Upgrade istiod to the chart's version."),
    ),
    (
        r"failed applying injection overlay|failed parsing generated injected YAML|failed to run injection template|template:",
        Refusal(injector.TEMPLATE_FAILS, "Correct the template in the injector's ConfigMap."),
    ),
)
"""After ``denied the request``: the injector's own refusals, which failurePolicy does not change."""

_CNI = (
    "Install Istio's CNI agent and set pilot.cni.enabled; for the level restricted also set "
    "global.proxy.seccompProfile.type=RuntimeDefault."
)

_NO_ACCOUNT = "Create the ServiceAccount; this has nothing to do with injection."

OTHERS: tuple[tuple[str, Refusal], ...] = (
    (
        r'violates PodSecurity "',
        Refusal(
            kubelet.POD_SECURITY_REFUSES,
            _CNI,
            plain=(kubelet.POD_SECURITY_REFUSES_OWN, "Give the pod's own containers what the message asks for."),
        ),
    ),
    (
        r"unable to validate against any security context constraint|may not be added|must be in the ranges",
        Refusal(
            kubelet.CONSTRAINTS_REFUSE,
            "Install Istio with global.platform=openshift and its CNI agent; the SCC anyuid is the old way.",
            plain=(kubelet.CONSTRAINTS_REFUSE_OWN, "Let the pod's own containers ask for less, or let its ServiceAccount use another SCC."),
        ),
    ),
    (
        r"may not be set for init containers without restartPolicy=Always",
        Refusal(
            kubelet.RESTART_POLICY_LOST,
            'Update that webhook, or turn native sidecars off for these pods with the annotation sidecar.istio.io/nativeSidecar: "false".',
        ),
    ),
    (
        r'Duplicate value: "istio-(proxy|init|validation)"',
        Refusal(
            apiserver.INJECTED_TWICE,
            "Let one webhook configuration answer to the namespace's labels: deactivate or delete the other.",
            "kubectl get mutatingwebhookconfigurations -l app=sidecar-injector -L istio.io/rev,istio.io/tag",
        ),
    ),
    (
        r"exceeded quota|must specify (limits|requests)",
        Refusal(
            kubelet.OVER_QUOTA,
            "Raise the quota, or set sidecar.istio.io/proxyCPU, proxyMemory and their limits on the pod template.",
            plain=(kubelet.OVER_QUOTA_ALONE, "Raise the quota, or let the pods ask for less."),
            counts=True,
        ),
    ),
    (
        r"(minimum|maximum) (cpu|memory) usage per|(cpu|memory) max limit to request ratio",
        Refusal(
            kubelet.OUT_OF_RANGE,
            "Set sidecar.istio.io/proxyCPU, proxyMemory and their limits on the pod template to what the LimitRange allows.",
            plain=(kubelet.OUT_OF_RANGE_ALONE, "Give the pod's own containers resources that the LimitRange allows."),
            counts=True,
        ),
    ),
    (
        r"error looking up service account|serviceaccount \S+ not found",
        Refusal(kubelet.NO_SERVICE_ACCOUNT, _NO_ACCOUNT, plain=(kubelet.NO_SERVICE_ACCOUNT, _NO_ACCOUNT)),
    ),
)
"""Words of other parts of admission."""

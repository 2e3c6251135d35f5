"""The words of policies that are not Istio's: who speaks, and whether they name what injection adds to a pod."""

import re

POLICY = re.compile(r"ValidatingAdmissionPolicy '(?P<name>[^']+)'")
"""Words of a policy of the API server's own (`k8s.io/apiserver/pkg/admission/plugin/policy/validating/dispatcher.go`)."""

CONSTRAINT = re.compile(r"^\s*\[(?P<name>[\w.-]+)\]")
"""How Gatekeeper, and what is built on it, begins: by the constraint's name (`pkg/webhook/policy.go`)."""

ADDED_BY_INIT = re.compile(r"\bistio-init\b|\bNET_ADMIN\b|\bNET_RAW\b")
ADDED = re.compile(r"\bistio-(?:init|proxy|validation)\b|\bNET_ADMIN\b|\bNET_RAW\b|\b1337\b")
"""What injection adds to a pod, as policies name it: its containers, capabilities of istio-init, the proxy's user."""

NO_INIT_CONTAINER = (
    "Install Istio's CNI agent and set pilot.cni.enabled: istio-init is then not needed. Or exempt istio-init in that policy."
)
EXEMPTION = "Exempt istio-proxy, istio-init and istio-validation, which injection adds, in that policy."
NOT_ISTIO = "This has nothing to do with injection: ask who installed it."
"""What to do about a policy: where it names istio-init, another container of injection's, or neither."""

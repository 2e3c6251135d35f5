"""`extensions.istio.io`: code that runs in the proxies (`istio.io/api/extensions/v1alpha1`)."""

from kubectl_meshfix.resources.istio_policy import PolicySpec
from kubectl_meshfix.resources.meta import Object


class WasmPluginSpec(PolicySpec, frozen=True):
    """Where a plugin runs, and what it is."""

    url: str = ""
    phase: str = ""


class WasmPlugin(Object, frozen=True):
    """A WebAssembly plugin."""

    api_version: str = "extensions.istio.io/v1alpha1"
    kind: str = "WasmPlugin"
    spec: WasmPluginSpec = WasmPluginSpec()

"""Istio's CNI agent, which redirects pods from their node, so that they need no istio-init."""

from kubectl_meshfix.mesh.control_plane import ControlPlane


def upgrade(plane: ControlPlane) -> str:
    """The command that changes istiod's Helm values, without the values."""
    return f"helm upgrade {'istiod' if plane.revision == 'default' else f'istiod-{plane.revision}'} istio/istiod -n {plane.namespace}"


def commands(plane: ControlPlane) -> tuple[str, str]:
    """The commands that install the agent, and have istiod rely on it."""
    platform = " --set global.platform=openshift" if plane.injector and plane.injector.values.platform == "openshift" else ""
    return (
        f"helm upgrade --install istio-cni istio/cni -n {plane.namespace}{platform}",
        f"{upgrade(plane)} --reuse-values --set pilot.cni.enabled=true",
    )

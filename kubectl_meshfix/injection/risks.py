"""Who notices that pods come into the mesh, or leave it: the risks of fixes that decide on injection and on ambient mode."""

NEW_PODS_ENTER = "Pods made from now on get a sidecar: the mesh's mTLS, routes and policies begin to apply to their traffic."
NEW_PODS_LEAVE = "Pods made from now on get no sidecar: servers with STRICT mTLS refuse their calls."
PODS_ENTER = "Its new pods get a sidecar: the mesh's mTLS, routes and policies begin to apply to their traffic."
PODS_LEAVE = "Its new pods get no sidecar: servers with STRICT mTLS refuse their calls."

NATIVE_SIDECAR = "Calls of init containers go through the proxy, and on a kubelet with native sidecars turned off the pod never starts."


def of_namespace_label(*, is_ambient: bool, enters: bool) -> str:
    """The risk of a namespace's label: running pods follow ambient's at once, and injection's not before they are made anew."""
    if is_ambient and enters:
        return "Pods that run here enter ambient mode at once: ztunnel carries their traffic."
    if is_ambient:
        return "Pods that run here leave ambient mode at once: servers with STRICT mTLS refuse their calls."
    return NEW_PODS_ENTER if enters else NEW_PODS_LEAVE


def of_pod_label(*, is_ambient: bool, enters: bool) -> str:
    """The risk of the same label on a pod template."""
    if is_ambient and enters:
        return "Its new pods enter ambient mode: ztunnel carries their traffic."
    if is_ambient:
        return "Its new pods are not in ambient mode: servers with STRICT mTLS refuse their calls."
    return PODS_ENTER if enters else PODS_LEAVE

"""The risks of fixes that bring pods into the mesh or take them out of it, by injection or by ambient mode."""

NEW_PODS_ENTER = "New pods get a sidecar: the mesh's mTLS, routes and policies begin to apply to their traffic."
NEW_PODS_LEAVE = "New pods get no sidecar: servers with STRICT mTLS refuse their calls."
PODS_ENTER = "Its new pods get a sidecar: the mesh's mTLS, routes and policies begin to apply to their traffic."
PODS_LEAVE = "Its new pods get no sidecar: servers with STRICT mTLS refuse their calls."

NEW_PODS_IN_AMBIENT = "New pods get no sidecar and enter ambient mode; pods that run keep their sidecar until they are replaced."
MAY_LEAVE_AMBIENT = "Pods that run in ambient mode leave it at once: servers with STRICT mTLS refuse their calls."

NATIVE_SIDECAR = "Calls of init containers go through the proxy, and on a kubelet with native sidecars turned off the pod never starts."


def of_namespace_label(*, is_ambient: bool, enters: bool) -> str:
    """The risk of a namespace's label: ambient's holds for running pods at once, injection's only for new pods."""
    if is_ambient and enters:
        return "Running pods enter ambient mode at once: ztunnel carries their traffic."
    if is_ambient:
        return "Running pods leave ambient mode at once: servers with STRICT mTLS refuse their calls."
    return NEW_PODS_ENTER if enters else NEW_PODS_LEAVE


def of_pod_label(*, is_ambient: bool, enters: bool) -> str:
    """The risk of the same label on a pod template."""
    if is_ambient and enters:
        return "Its new pods enter ambient mode: ztunnel carries their traffic."
    if is_ambient:
        return "Its new pods are not in ambient mode: servers with STRICT mTLS refuse their calls."
    return PODS_ENTER if enters else PODS_LEAVE

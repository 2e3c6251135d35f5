"""The stages of the chain of injection."""

APISERVER, INJECTOR, KUBELET = STAGES = ("apiserver", "injector", "kubelet")
"""In the order a pod goes through them."""

"""The snapshot of a mesh, and Istio's semantics over it as pure functions."""

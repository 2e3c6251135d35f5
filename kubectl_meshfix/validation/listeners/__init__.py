"""The listeners of a Sidecar."""

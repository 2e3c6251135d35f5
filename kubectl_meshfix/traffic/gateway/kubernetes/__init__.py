"""Kubernetes' Gateways as istiod turns them into its own: classes, listeners, and the routes that are attached to them."""

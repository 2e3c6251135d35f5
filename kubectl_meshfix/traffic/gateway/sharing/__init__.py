"""Gateways that configure the same pods: what their servers do to each other."""

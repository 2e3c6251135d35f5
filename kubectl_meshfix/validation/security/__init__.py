"""Kinds of `security.istio.io`, and the parts of their rules."""

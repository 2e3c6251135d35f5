"""Diagnose, explain and repair workloads in an Istio mesh."""

__version__ = "0.1.0"

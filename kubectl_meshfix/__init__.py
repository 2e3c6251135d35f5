"""Diagnose, explain and repair workloads in an Istio mesh."""

from kubectl_meshfix._version import __version__

__all__ = ["__version__"]

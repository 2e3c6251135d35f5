"""Diagnose, explain and repair workloads in an Istio mesh."""

try:
    from kubectl_meshfix._version import __version__
except ModuleNotFoundError:  # sources that were neither built nor installed, as in `make demo`
    __version__ = "0.0.0"

__all__ = ["__version__"]

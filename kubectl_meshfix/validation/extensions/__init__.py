"""Kinds that change what proxies do or report: `extensions.istio.io`, `telemetry.istio.io` and EnvoyFilter, with their parts."""

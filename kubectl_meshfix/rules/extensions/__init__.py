"""Envoy patches and telemetry."""

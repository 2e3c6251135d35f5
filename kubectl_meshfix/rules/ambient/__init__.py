"""Ambient mode: ztunnel and waypoints."""

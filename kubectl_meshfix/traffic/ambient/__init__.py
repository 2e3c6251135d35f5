"""Ambient: ztunnel on both sides, and waypoints between them."""

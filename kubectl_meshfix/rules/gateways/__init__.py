"""Gateways: where requests enter the mesh."""

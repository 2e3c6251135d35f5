"""Whom VirtualServices are for: their hosts, their gateways, and the ports and servers that can use their routes."""

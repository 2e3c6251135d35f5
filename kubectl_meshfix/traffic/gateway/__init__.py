"""Gateways: which server of theirs takes a request, and which routes they follow."""

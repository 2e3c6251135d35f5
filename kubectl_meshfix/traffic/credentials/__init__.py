"""Secrets with certificates that gateways and sidecars need: who names them, and where they have to be."""

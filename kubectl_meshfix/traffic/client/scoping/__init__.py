"""What a Sidecar makes of the registry: which one is used, what it imports, and what a proxy therefore knows."""

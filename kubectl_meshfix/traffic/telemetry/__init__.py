"""What istiod makes of Telemetry objects: which of them count for a proxy, and which providers they can use."""

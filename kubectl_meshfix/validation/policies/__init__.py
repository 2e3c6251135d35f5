"""What a DestinationRule and a Sidecar say of connections: pools, load balancing, outlier detection, TLS of the client."""

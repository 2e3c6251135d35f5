"""What istiod makes of the patches of an EnvoyFilter: which are never applied, and which Envoy refuses."""

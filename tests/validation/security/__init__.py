"""What istiod refuses of kinds of security."""

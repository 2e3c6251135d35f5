"""Services and their ports."""

"""What the API server and istiod refuse."""

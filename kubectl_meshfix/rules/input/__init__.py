"""The input itself."""

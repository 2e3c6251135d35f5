"""What istiods and proxies say themselves: asked through the API server, and only where a person wants it."""

"""Rules about what istiods and proxies answer when they are asked."""

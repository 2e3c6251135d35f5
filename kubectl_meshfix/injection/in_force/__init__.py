"""What istiods and proxies answered about single proxies: which are cut off, and whose certificates are late."""

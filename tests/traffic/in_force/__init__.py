"""What istiods and proxies answered, judged."""

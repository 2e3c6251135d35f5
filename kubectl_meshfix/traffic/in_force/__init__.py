"""What istiods and proxies answered, judged: who refuses configuration and why, who gets none, who runs what, whose requests fail."""

"""Whether what callers' proxies send is what servers take: the two halves of TLS, put together for all who call."""

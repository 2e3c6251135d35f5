"""The server's proxy: what it captures, and which filter chain takes a connection."""

"""The way to an API server: kubeconfig, credentials, connection, pages of lists."""

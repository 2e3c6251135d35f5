"""Where a Mesh comes from: a cluster or files. Only here and in ``targets`` does the program talk to an API server."""

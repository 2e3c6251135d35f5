"""How a pod gets its sidecar, or does not: the API server's and the injector's decisions as pure functions."""

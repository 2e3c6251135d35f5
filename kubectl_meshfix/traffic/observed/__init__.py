"""What a proxy really has: the parts of Envoy's configuration that a request meets, and where they part from what the rules say."""

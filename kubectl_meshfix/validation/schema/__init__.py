"""What the API server refuses or drops by the schema of a CustomResourceDefinition."""

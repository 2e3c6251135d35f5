"""The rules of an AuthorizationPolicy, and whether one of them matches a request: field by field."""

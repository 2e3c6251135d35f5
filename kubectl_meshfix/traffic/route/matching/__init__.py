"""Whether one condition of a route holds for a request."""

"""What the rooms of a request's chain hand to each other: the request, who takes part, routes, endpoints, the wire, and how it may end."""

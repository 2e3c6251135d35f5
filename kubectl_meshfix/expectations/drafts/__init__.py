"""A first file of expectations, from what is there: every route, and every workload, as it is now."""

"""Routing: the hosts, subsets and ports that requests are routed to."""

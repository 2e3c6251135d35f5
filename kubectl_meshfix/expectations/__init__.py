"""A team's expectations, held against what a trace and an explanation predict."""

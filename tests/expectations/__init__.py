"""A team's expectations."""

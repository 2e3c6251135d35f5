"""Repairs: what a fix is, what speaks for it, what depends on it, and how many of them become one plan."""

"""Security policy: which callers are allowed."""

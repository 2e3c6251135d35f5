"""Reports: a module a format."""

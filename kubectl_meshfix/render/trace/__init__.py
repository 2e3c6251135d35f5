"""Traces of requests: for a terminal, for programs, as a drawing, in HTML, and many of them as a table."""

"""Explanations of a chain: for a terminal, as a table, in HTML, as a drawing."""

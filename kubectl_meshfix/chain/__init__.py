"""What the chains are made of: a table of checks, steps that name one of its outcomes, and one type for what is not known."""

"""The chain of injection: the checks of each stage, their outcomes, and their sentences. `table.py` has all of them."""

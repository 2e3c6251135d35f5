"""What istiod's webhook refuses, and what it warns of: a module for each kind, plain values in, violations out.

``checks.py`` is the table of kinds; ``violation.py`` says what a violation is. Mirrors `pkg/config/validation/validation.go`.
"""

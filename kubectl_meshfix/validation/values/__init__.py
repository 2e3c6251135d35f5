"""Checks of single values that several kinds share: a subject each. They know no kind."""

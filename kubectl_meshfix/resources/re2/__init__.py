r"""RE2, the regular expressions of Envoy: read by their own grammar, and matched in a time that is bounded by the text's length.

Python's own module reads some of them otherwise (``\z``, ``(?i)`` in the middle, ``a*+``), and may take forever on others.
"""

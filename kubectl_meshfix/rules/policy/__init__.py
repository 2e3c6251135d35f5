"""Security policy: who may call whom."""

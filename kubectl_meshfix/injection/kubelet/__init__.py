"""The third stage: what became of the pods, or why there are none."""

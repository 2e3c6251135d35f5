"""Where a plan goes: the cluster or the files it was made from."""

"""Folders for kustomize: which of them are environments, what they build, and where what is built comes from."""

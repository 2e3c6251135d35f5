"""Tests of folders for kustomize."""

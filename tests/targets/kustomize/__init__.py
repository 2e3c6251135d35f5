"""Tests of fixes of what kustomize builds."""

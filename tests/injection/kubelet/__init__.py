"""Tests of what became of the pods."""

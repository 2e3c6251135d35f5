"""Endpoints of WorkloadEntries and ServiceEntries, and how they are found."""

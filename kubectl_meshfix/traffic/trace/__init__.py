"""The walk of a request through all rooms, and what becomes of it."""

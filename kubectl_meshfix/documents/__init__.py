"""The text of manifests: reading it with positions, and editing it without touching another byte."""

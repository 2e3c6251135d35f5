"""Routes of VirtualServices that nobody uses, or that do what nobody means: what the rules about them ask."""

"""Where a fix of a built object goes: into the manifest or patch it comes from, or into a patch of its environment."""

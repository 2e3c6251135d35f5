"""The command line. It parses, picks a source, a renderer and a target, and decides nothing."""

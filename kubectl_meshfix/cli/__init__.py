"""The command line: one module a verb. It parses, picks a source, a renderer and a target, and decides nothing."""

"""The flags: a module for each group, with what they mean; ``options`` holds those that verbs share, ``pflag`` their syntax."""

"""What the verbs do once their flags are read: choose a source, a renderer and a target. No rule and no fix is decided here."""

"""From text to values, each with the place where it stands."""

"""How a release is made: the frozen program, its archive, its manifest."""

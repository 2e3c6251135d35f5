"""What a port speaks: what tells of it, how it is declared, and who refers to the port by its name."""

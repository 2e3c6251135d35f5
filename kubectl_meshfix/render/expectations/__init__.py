"""What became of expectations: for a terminal, for programs, for CI systems; and a first file of them."""

"""Small changes of the rules' examples, and all that the program says of each."""

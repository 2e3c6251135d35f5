"""What the chains are made of: questions, their answers, and what is not known."""

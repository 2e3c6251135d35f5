"""Objects without what they say of their owner: words are replaced, and what rules compare with stays."""

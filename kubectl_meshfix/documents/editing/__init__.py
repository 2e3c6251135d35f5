"""From changed values to splices of the text: every byte that no change names stays."""

"""What a team has decided: its settings, what it accepts and why, and what was there when it began."""

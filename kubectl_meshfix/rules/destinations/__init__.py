"""What is called and how: DestinationRules, ServiceEntries, Sidecars."""

"""What DestinationRules do to the hosts that they are for, and where they do nothing."""

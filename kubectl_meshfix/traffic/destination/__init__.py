"""DestinationRules: which are in force between a client and a host, and which subsets they define for whom."""

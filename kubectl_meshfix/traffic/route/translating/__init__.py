"""What istiod makes of the matches and actions that VirtualServices, HTTPRoutes and GRPCRoutes write."""

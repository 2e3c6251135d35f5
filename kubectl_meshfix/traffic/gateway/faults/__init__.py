"""Routes of VirtualServices that gateways, or the ports of hosts, do not use: what the rules about them ask."""

"""What a client in a namespace follows: the VirtualServices that are exported to it, and the Sidecars that narrow its view."""

"""What routes of VirtualServices match and do, and which of them are never used."""

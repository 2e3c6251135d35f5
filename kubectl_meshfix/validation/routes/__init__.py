"""The routes of a VirtualService: what they match, where they send it, and what they do with it on the way."""

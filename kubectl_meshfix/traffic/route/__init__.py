"""VirtualServices: where their routes send what they match, and on which ports calls come to them."""

"""Whether callers, servers and policies fit: what one of them says, held against what the others do."""

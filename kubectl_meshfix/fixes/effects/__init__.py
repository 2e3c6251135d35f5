"""What a fix does beyond the object that it changes: to pods, to proxies, to clients that use a port's name."""

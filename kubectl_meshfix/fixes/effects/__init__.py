"""What a fix does beyond the object that it changes: to pods, to proxies, to those who call a port by its name."""

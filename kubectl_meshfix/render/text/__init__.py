"""What all formats share: the terminal, the HTML page, JSON and YAML."""

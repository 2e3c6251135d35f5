"""What proxies of a real mesh had, beside what is predicted of them."""

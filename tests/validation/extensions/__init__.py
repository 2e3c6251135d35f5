"""What istiod refuses of kinds that change what proxies do or report."""

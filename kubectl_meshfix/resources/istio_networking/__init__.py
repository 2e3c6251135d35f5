"""`networking.istio.io`: routes, destinations, gateways, hosts and proxies (`istio.io/api/networking/v1alpha3`)."""

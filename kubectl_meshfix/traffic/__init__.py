"""Where traffic goes: what Istio makes of hosts, routes, DestinationRules, gateways and policies, as pure functions.

Rules ask here and word the answers. What several rooms need stands beside them: hosts, the registry, ``exportTo``, selectors.
"""

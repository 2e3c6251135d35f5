"""AuthorizationPolicies: which workloads they guard, and which callers they speak of."""

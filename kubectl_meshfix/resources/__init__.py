"""What is read of Kubernetes, Istio and Gateway API objects: only the fields that some check needs, as frozen values."""

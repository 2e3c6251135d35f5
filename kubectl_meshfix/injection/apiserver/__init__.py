"""The first stage: which webhooks the API server calls for a new pod, and whether the calls can succeed."""

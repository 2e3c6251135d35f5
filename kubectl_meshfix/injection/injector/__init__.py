"""The second stage: whether the injector that was called injects, and what it adds."""

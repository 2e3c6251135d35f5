"""Installations of Istio by chance, beside what runs in a cluster."""

import random

from kubectl_meshfix.resources.meta import Object
from tests.injection.installations import injector, istiod
from tests.injection.scenes import backend, hooks
from tests.variants.making import chosen

_CANARY = "istio-sidecar-injector-canary"


def installed(seed: str) -> tuple[Object, ...]:
    """An installation of Istio, by chance: of one or two revisions, for all namespaces or some, or without an istiod that is ready."""
    default = (hooks(), injector(), istiod(), *backend())
    return chosen(
        random.Random(f"{seed} installed"),
        (
            default,
            (*default, hooks(_CANARY, "canary"), injector("canary"), istiod("canary"), *backend(name="istiod-canary")),
            (hooks(every_namespace=True), injector(), istiod(PILOT_ENABLE_AMBIENT="true"), *backend()),
            (hooks(), injector(), istiod(), *backend(ready=False)),
        ),
    )

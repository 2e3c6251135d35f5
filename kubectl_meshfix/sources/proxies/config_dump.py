"""What one proxy has of what a request meets: a few resources by their names, never the whole of its configuration."""

from collections.abc import Callable

from kubectl_meshfix.errors import SourceError
from kubectl_meshfix.sources.proxies.asking import Ask
from kubectl_meshfix.sources.proxies.questions import config_dump
from kubectl_meshfix.traffic.observed import dump
from kubectl_meshfix.traffic.observed.asking import NOTHING, Standing, cluster_names, listener_names, route_names
from kubectl_meshfix.traffic.observed.envoy import Config, joined


def read(ask: Ask, place: Standing) -> Config:
    """The listeners that may take the connection, the routes that these use, and the clusters that routes and prediction name.

    Raises SourceError with half a sentence where there is no answer, or none that can be read. No secret is asked for.
    """
    found = Config()
    steps: tuple[Callable[[], str], ...] = (
        lambda: listener_names(place),
        lambda: route_names(place, found),
        lambda: cluster_names(place, found),
    )
    try:
        for names in steps:
            wanted = names()
            if place.pod is not None and wanted != NOTHING:
                found = joined(found, dump.config(ask(place.pod, config_dump(wanted))))
    except ValueError as error:
        raise SourceError(str(error)) from error
    return found

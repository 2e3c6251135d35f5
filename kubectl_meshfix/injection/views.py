"""What may be read of a pod: a Struct that is both the argument of whoever decides and the key under which the answer is kept.

What is not in a view cannot be read, so two pods that share an answer cannot differ in what it depends on.
"""

from collections.abc import Iterator, Mapping

from kubectl_meshfix.injection.labels import INJECT, NATIVE, TEMPLATES
from kubectl_meshfix.injection.proxy import has_native_proxy, has_proxy
from kubectl_meshfix.mesh.control_plane import REVISION_LABEL
from kubectl_meshfix.resources.core import PodTemplate
from kubectl_meshfix.resources.meta import Struct

READ_ANNOTATIONS = (INJECT, TEMPLATES, NATIVE, REVISION_LABEL)
"""The annotations that decide whether a pod gets a sidecar, and of which kind."""


class UnseenKeyError(LookupError):
    """Somebody asked a view for a label that is not part of it; a defect of whoever asks."""


class Visible(Mapping[str, str]):
    """Labels or annotations restricted to some keys. Asking for another key raises UnseenKeyError; ``keys`` None lets all be seen."""

    __slots__ = ("_all", "_keys", "_values")

    def __init__(self, values: Mapping[str, str], keys: tuple[str, ...] | None) -> None:
        self._all = keys is None
        self._keys = tuple(sorted(values)) if keys is None else keys
        self._values = tuple(map(values.get, self._keys))

    def __getitem__(self, key: str) -> str:
        if key in self._keys:
            if (value := self._values[self._keys.index(key)]) is not None:
                return value
        elif not self._all:
            raise UnseenKeyError(f"{key} is not among {', '.join(self._keys)}")
        raise KeyError(key)

    def __iter__(self) -> Iterator[str]:
        return (key for key, value in zip(self._keys, self._values, strict=True) if value is not None)

    def __len__(self) -> int:
        return len(self._values) - self._values.count(None)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Visible) and (self._values, self._keys, self._all) == (other._values, other._keys, other._all)

    def __hash__(self) -> int:
        return hash(self._values)


class PodView(Struct, frozen=True):
    """What the webhooks' selectors, the injector's decision and the choice of a native sidecar may read of a new pod."""

    namespace: str
    labels: Visible
    annotations: Visible
    host_network: bool
    node_name: str
    has_proxy: bool
    has_native_proxy: bool


class CreationView(Struct, frozen=True):
    """What its creation may read besides: the labels that any webhook selects by, the annotations whose values are checked, and the
    names of its containers.
    """

    pod: PodView
    labels: Visible
    annotations: Visible
    init_containers: tuple[str, ...]
    containers: tuple[str, ...]


def view_pod(namespace: str, template: PodTemplate, labels: tuple[str, ...] | None = None, *, bound: bool = True) -> PodView:
    """A pod with only these of its labels, or with all of them. ``bound`` pods show the node that they name."""
    spec = template.spec
    return PodView(
        namespace=namespace,
        labels=Visible(template.labels, labels),
        annotations=Visible(template.annotations, READ_ANNOTATIONS),
        host_network=spec.host_network,
        node_name=spec.node_name if bound else "",
        has_proxy=has_proxy(spec),
        has_native_proxy=has_native_proxy(spec),
    )

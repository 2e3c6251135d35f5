"""What may be read of a pod: a Struct that is both the argument of whoever decides and the key under which the answer is kept.

What is not in a view cannot be read, so two pods that share an answer cannot differ in what it depends on.
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from kubectl_meshfix.injection.labels import INJECT, NATIVE, TEMPLATES
from kubectl_meshfix.injection.proxy import has_native_proxy, has_proxy
from kubectl_meshfix.mesh.control_plane import REVISION_LABEL
from kubectl_meshfix.resources.core import PodTemplate
from kubectl_meshfix.resources.meta import Struct

if TYPE_CHECKING:
    from kubectl_meshfix.injection.early import InitCall

READ_ANNOTATIONS = (INJECT, TEMPLATES, NATIVE, REVISION_LABEL)
"""The annotations that decide whether a pod gets a sidecar, and of which kind."""


class UnseenKeyError(LookupError):
    """Somebody asked a view for a label that is not part of it; a defect of whoever asks."""


class Visible(Mapping[str, str]):
    """Labels or annotations restricted to some keys, with None for what is not there. Asking for another key raises UnseenKeyError.

    What ``is_whole`` shows everything there is, so that any key may be asked for.
    """

    __slots__ = ("_is_whole", "_keys", "_values")

    def __init__(self, keys: tuple[str, ...], values: tuple[str | None, ...], *, is_whole: bool = False) -> None:
        self._keys, self._values, self._is_whole = keys, values, is_whole

    def __getitem__(self, key: str) -> str:
        if key in self._keys:
            if (value := self._values[self._keys.index(key)]) is not None:
                return value
        elif not self._is_whole:
            raise UnseenKeyError(f"{key} is not among {', '.join(self._keys)}")
        raise KeyError(key)

    def __iter__(self) -> Iterator[str]:
        return (key for key, value in zip(self._keys, self._values, strict=True) if value is not None)

    def __len__(self) -> int:
        return len(self._values) - self._values.count(None)


class PodView(Struct, frozen=True):
    """What the webhooks' selectors, the injector's decision and the choice of a native sidecar may read of a new pod.

    The values stand side by side, so that 10,000 views are compared without a call; ``labels`` and ``annotations`` are for reading.
    """

    namespace: str
    label_keys: tuple[str, ...]
    label_values: tuple[str | None, ...]
    annotation_values: tuple[str | None, ...]
    host_network: bool
    node_name: str
    has_proxy: bool
    has_native_proxy: bool
    is_whole: bool = False

    @property
    def labels(self) -> Visible:
        """The labels that may be read."""
        return Visible(self.label_keys, self.label_values, is_whole=self.is_whole)

    @property
    def annotations(self) -> Visible:
        """The annotations that may be read."""
        return Visible(READ_ANNOTATIONS, self.annotation_values)


class CreationView(Struct, frozen=True):
    """What its creation may read besides: labels that any webhook selects by, annotations with checked values, containers' names.

    ``init_calls`` are the init containers that need the network.
    """

    pod: PodView
    label_keys: tuple[str, ...]
    label_values: tuple[str | None, ...]
    annotation_keys: tuple[str, ...]
    annotation_values: tuple[str | None, ...]
    init_containers: tuple[str, ...]
    containers: tuple[str, ...]
    init_calls: "tuple[InitCall, ...]" = ()

    @property
    def labels(self) -> Visible:
        """The labels that webhooks may read, whoever's they are."""
        return Visible(self.label_keys, self.label_values)

    @property
    def annotations(self) -> Visible:
        """The annotations whose values are checked."""
        return Visible(self.annotation_keys, self.annotation_values)


def view_pod(namespace: str, template: PodTemplate, labels: tuple[str, ...] | None = None, *, bound: bool = True) -> PodView:
    """A pod with only these of its labels, or with all of them. ``bound`` pods show the node that they name."""
    spec, found = template.spec, template.labels
    keys = tuple(sorted(found)) if labels is None else labels
    is_proxied = has_proxy(spec)
    return PodView(
        namespace=namespace,
        label_keys=keys,
        label_values=tuple(map(found.get, keys)),
        annotation_values=tuple(map(template.annotations.get, READ_ANNOTATIONS)),
        host_network=spec.host_network,
        node_name=spec.node_name if bound else "",
        has_proxy=is_proxied,
        has_native_proxy=is_proxied and has_native_proxy(spec),
        is_whole=labels is None,
    )

"""One place that names a Service's port."""

import msgspec

from kubectl_meshfix.resources.meta import Ref


class Reference(msgspec.Struct, frozen=True):
    """An object, and the JSON pointer at which it names the port; ``path`` is empty where it cannot be changed along with it.

    ``verb`` follows the object in a sentence.
    """

    resource: Ref
    path: str
    verb: str = "refers to it"

    @property
    def text(self) -> str:
        """The object and what it does, as part of a sentence."""
        return f"{self.resource} {self.verb}"

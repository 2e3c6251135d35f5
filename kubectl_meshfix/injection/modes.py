"""How pods take part in the mesh, and why."""

from enum import StrEnum

from kubectl_meshfix.chain.steps import Step
from kubectl_meshfix.chain.unknown import Unknown, UnknownKind
from kubectl_meshfix.chain.words import joined
from kubectl_meshfix.resources.meta import Struct


class Mode(StrEnum):
    """How pods take part in the mesh."""

    SIDECAR = "sidecar"
    NATIVE_SIDECAR = "native-sidecar"
    AMBIENT = "ambient"
    NONE = "none"


class WebhookName(Struct, frozen=True):
    """A webhook and the configuration it is in."""

    configuration: str
    webhook: str


class Membership(Struct, frozen=True):
    """What becomes of a pod made from a template now.

    ``decided_by`` is the step that decided, ``because`` the steps that say why. ``webhooks`` are those the API server calls, the
    ``revision`` that of the istiod that injects. ``wanted`` says whether labels ask for the mesh, heard or not. ``assumed`` is what
    Istio's defaults stand in for, because webhooks or the injector's configuration were not read. ``native`` is None without a sidecar.
    """

    mode: Mode
    injected: bool | Unknown
    decided_by: Step
    because: tuple[Step, ...]
    native: bool | Unknown | None = None
    revision: str | None = None
    webhooks: tuple[WebhookName, ...] = ()
    wanted: bool = False
    assumed: tuple[Unknown, ...] = ()

    @property
    def surely_injected(self) -> bool | Unknown:
        """``injected`` where nothing that the cluster has had to be assumed, because it may not be read; else why it is not known."""
        return next((unknown for unknown in self.assumed if unknown.kind is UnknownKind.UNREADABLE), self.injected)

    @property
    def reason(self) -> str:
        """Why, in a sentence."""
        return joined(*self.because)

"""Which Secrets that are named are not where they are looked for."""

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.typos import nearest
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Secret
from kubectl_meshfix.resources.secret_makers import Certificate, ExternalSecret, SealedSecret
from kubectl_meshfix.traffic.absence import is_unplaced
from kubectl_meshfix.traffic.credentials import naming
from kubectl_meshfix.traffic.credentials.naming import Needed, needed

INPUTS = (*naming.INPUTS, kinds.SECRET, *kinds.SECRET_MAKERS)

_COPIERS = ("reflector", "replicat", "kubed", "sync")
"""Words in the annotations of Secrets that something copies into other namespaces."""


class Missing(msgspec.Struct, frozen=True):
    """A Secret that is not in a namespace where it is looked for; where there is one of its name, and a name there that is a slip away.

    ``is_certain`` is whether it is known not to be there: files that hold other certificates of that namespace may lack it.
    """

    needed: Needed
    namespace: str
    elsewhere: tuple[str, ...] = ()
    meant: str = ""
    is_certain: bool = True


def missing(mesh: Mesh) -> Iterator[Missing]:
    """Each Secret that is known not to be there.

    A cluster was asked for each by its name. Files rarely hold Secrets, so that they know only where they hold one of the same name in
    another namespace, or one of nearly that name, or what makes one. Where they hold certificates of that namespace it may be missing.
    """
    mesh.require(*INPUTS)
    for row in needed(mesh):
        homes = [home for home in row.namespaces if not _may_be_there(mesh, home, row.name)]
        if homes and not (row.any_of and len(homes) < len(row.namespaces)):
            yield from _missing(mesh, row, homes[0])


def wanted(mesh: Mesh, namespace: str | None) -> tuple[tuple[str, str], ...]:
    """Namespace and name of the Secrets that a cluster is to be asked for."""
    return tuple(sorted({(home, row.name) for row in needed(mesh, namespace) for home in row.namespaces}))


def _missing(mesh: Mesh, row: Needed, home: str) -> Iterator[Missing]:
    if mesh.live:
        yield Missing(row, home)
        return
    held = mesh.cached("secrets of files", _held)
    elsewhere = tuple(sorted(set(held.get(row.name, ()))))
    meant = nearest(row.name, (name for name, homes in held.items() if home in homes)) or ""
    if is_unplaced(mesh, home) or _is_copied(mesh, row.name, elsewhere):
        return
    if elsewhere or meant:
        yield Missing(row, home, elsewhere, meant)
    elif home in mesh.cached("namespaces with certificates", _with_certificates):
        yield Missing(row, home, is_certain=False)


def _with_certificates(mesh: Mesh) -> frozenset[str]:
    """The namespaces of which files hold a certificate: others of theirs would be beside it."""
    held = (secret for secret in mesh.all(Secret) if secret.has("tls.crt") or secret.has("cert"))
    return frozenset(obj.metadata.namespace or "" for obj in (*held, *mesh.all(Certificate)))


def _may_be_there(mesh: Mesh, home: str, name: str) -> bool:
    if mesh.get(Secret, home, name):
        return True
    if mesh.live:
        return (home, name) not in mesh.coverage(kinds.SECRET).named
    return home in mesh.cached("secrets of files", _held).get(name, ())


def _held(mesh: Mesh) -> Mapping[str, tuple[str, ...]]:
    """The namespaces of Secrets and of what makes them, by the Secret's name; "" where a file names none, which may be any."""
    found: dict[str, tuple[str, ...]] = {}
    rows = (
        *((secret.name, secret.metadata.namespace or "") for secret in mesh.all(Secret)),
        *((maker.makes, maker.metadata.namespace or "") for maker in _makers(mesh)),
    )
    for name, home in rows:
        found[name] = (*found.get(name, ()), home)
    return found


def _is_copied(mesh: Mesh, name: str, homes: Iterable[str]) -> bool:
    """Whether something may copy a Secret into other namespaces, or a document without a namespace may be it."""
    notes = [key for home in homes for found in (mesh.get(Secret, home, name),) if found for key in found.metadata.annotations]
    makers = [key for maker in _makers(mesh) if maker.makes == name for key in maker.metadata.annotations]
    return "" in homes or any(word in key for key in (*notes, *makers) for word in _COPIERS)


def _makers(mesh: Mesh) -> Iterator[SealedSecret | ExternalSecret | Certificate]:
    yield from mesh.all(SealedSecret)
    yield from mesh.all(ExternalSecret)
    yield from mesh.all(Certificate)

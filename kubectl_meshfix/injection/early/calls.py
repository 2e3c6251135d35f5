"""Init containers that need the network, as far as their commands, images and addresses show it."""

import re
from collections.abc import Iterator, Sequence

import msgspec

from kubectl_meshfix.injection.early.addresses import (
    SOCKET,
    Host,
    authority,
    hosts_in,
    is_address,
    names_only_itself,
    of_pair,
    of_socket,
    of_url,
)
from kubectl_meshfix.injection.early.commands import commands
from kubectl_meshfix.injection.early.programs import CLIENTS, CONNECTING, DATABASES, IMAGES, LOCAL, MIGRATING, WAITING
from kubectl_meshfix.resources.core import Container, PodSpec
from kubectl_meshfix.resources.meta import Struct

_WORDS = r"[^A-Za-z0-9]+"


class InitCall(Struct, frozen=True):
    """An init container that needs the network: its place among them, what shows it, and the hosts that it is known to call.

    ``only_connects`` says that it opens connections and sends nothing, as ``nc -z`` does. ``user`` and ``group`` are those that it runs as,
    None for the image's own.
    """

    container: str
    index: int
    says: str
    hosts: tuple[Host, ...] = ()
    only_connects: bool = False
    user: int | None = None
    group: int | None = None


class _Sign(msgspec.Struct, frozen=True):
    """What shows that a container calls."""

    says: str
    hosts: tuple[Host, ...] = ()
    only_connects: bool = False


def init_calls(spec: PodSpec) -> tuple[InitCall, ...]:
    """The init containers of a pod that need the network; those that keep running may try again, and are left out."""
    general = spec.security_context
    found: list[InitCall] = []
    for index, container in enumerate(spec.init_containers):
        signs = tuple(_signs(container)) if container.restart_policy != "Always" else ()
        if not signs:
            continue
        own = container.security_context
        user = own.run_as_user if own and own.run_as_user is not None else general.run_as_user if general else None
        group = own.run_as_group if own and own.run_as_group is not None else general.run_as_group if general else None
        hosts = (*(host for sign in signs for host in sign.hosts), *_of_env(container))
        found.append(
            InitCall(
                container=container.name or f"number {index + 1}",
                index=index,
                says=signs[0].says,
                hosts=tuple(dict.fromkeys(hosts)),
                only_connects=all(sign.only_connects for sign in signs),
                user=user,
                group=group,
            )
        )
    return tuple(found)


def _signs(container: Container) -> Iterator[_Sign]:
    is_local_database = any("sqlite" in text for text in (*container.command, *container.args, *(item.value for item in container.env)))
    is_unknown = True
    for program, *words in commands(container):
        is_unknown = is_unknown and program not in LOCAL
        if sign := _of_command(program, words, is_local_database=is_local_database):
            yield sign
    names = re.split(_WORDS, container.name.lower())
    if is_unknown and (container.name.startswith(WAITING) or (not is_local_database and not MIGRATING.isdisjoint(names))):
        yield _Sign(f"its name is {container.name}", only_connects=container.name.startswith(WAITING))
    if container.command:
        return
    image = container.image.partition("@")[0].rpartition("/")[2].partition(":")[0].lower()
    if image.startswith(IMAGES) or (not is_local_database and not MIGRATING.isdisjoint(re.split(_WORDS, image))):
        named = tuple(host for _, *words in commands(container) for host in hosts_in(image, words))
        yield _Sign(f"its image is {image}", named, only_connects=image.startswith(WAITING))
    elif databases := [host for variable in container.env for host in _database(variable.value)]:
        yield _Sign(f"its environment names {databases[0]}", tuple(databases))


def _of_command(program: str, words: Sequence[str], *, is_local_database: bool) -> _Sign | None:
    sockets = tuple(host for word in (program, *words) if SOCKET in word for host in of_socket(word))
    if sockets:
        return _Sign(f"it opens {sockets[0]}", sockets, only_connects=True)
    if program in LOCAL:
        return None
    if program.startswith("-"):
        program, words = "", (program, *words)
    name = program.partition(".")[0].lower()
    hosts = tuple(hosts_in(name, words))
    if name in CLIENTS:
        subcommands = CLIENTS[name]
        if subcommands and subcommands.isdisjoint(words):
            return None
        if hosts or not names_only_itself(words):
            sends_nothing = name in CONNECTING and any(word.startswith("-") and "z" in word for word in words)
            return _Sign(f"it runs {name}", hosts, only_connects=sends_nothing)
        return None
    if name.startswith(WAITING):
        return _Sign(f"it runs {program}", hosts, only_connects=not any("http" in word for word in words))
    migrating = next((word for word in (program, *words) if not MIGRATING.isdisjoint(re.split(_WORDS, word.lower()))), "")
    if migrating and not is_local_database:
        return _Sign(f"it runs {migrating}" if migrating.isprintable() and len(migrating) <= 40 else "it runs a migration", hosts)
    plain = next((word for word in (program, *words) if is_address(word)), "")
    if not plain:
        return None
    host = of_url(plain) or of_pair(plain)
    return _Sign(f"it names {host or authority(plain)}", hosts or ((host,) if host else ()))


def _of_env(container: Container) -> Iterator[Host]:
    return (host for variable in container.env if (host := of_url(variable.value) or of_pair(variable.value)))


def _database(value: str) -> Iterator[Host]:
    scheme = value.partition("://")[0].rpartition(":")[2].partition("+")[0].lower()
    if scheme in DATABASES and (host := of_url(value)):
        yield host

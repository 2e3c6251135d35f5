"""Names that a cluster gave a short while ago, for the completion of command lines: a file a question, readable by its owner alone.

Whoever completes never waits for a cluster. It takes what is remembered, and where that is missing or old has a process of its own
ask anew (``ask``, which runs ``refill``): one for a question at a time, not again for a while where the last one failed, and seldom
where asking runs a credential plugin. Nothing secret is kept: names, and under a hash of who asked whom for what.
"""

import contextlib
import hashlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from kubectl_meshfix.errors import MeshfixError
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.kinds import Kind
from kubectl_meshfix.sources.api.cluster_options import ClusterOptions
from kubectl_meshfix.sources.api.kubeconfig import Kubeconfig, choose_cluster

FRESH, FRESH_WITH_PLUGIN = 10.0, 300.0
"""Seconds in which a question is asked once, and once where asking runs a credential plugin, which may speak to a person."""

KEPT = 600.0
"""Seconds after which an answer is worth nothing."""

PATIENCE = 0.25
"""Seconds to wait for an answer where none is remembered."""

LONGEST = 15.0
"""Seconds after which the process that asks is ended, with any plugin that it runs."""


REFILL = "__refill"
"""The word that makes the program run ``refill``."""


class NamesQuery(msgspec.Struct, frozen=True):
    """Which names: of a kind, by its ``plural.group``, in one namespace or everywhere, on the cluster that the options choose."""

    options: ClusterOptions
    resource: str
    namespace: str | None


class _Answer(msgspec.Struct):
    names: list[str]


def cached_names(options: ClusterOptions, kind: Kind, *, everywhere: bool = False) -> Sequence[str]:
    """The names of a kind in the namespace that the options choose, if they are known or come at once. Raises MeshfixError."""
    if options.token:
        return ()
    kubeconfig = choose_cluster(options)
    namespace = kubeconfig.namespace if kind.namespaced and not everywhere else None
    path = _path(kubeconfig, kind.resource, namespace)
    known = _read(path)
    if _may_ask(path, FRESH_WITH_PLUGIN if kubeconfig.user.exec else FRESH):
        _ask(NamesQuery(options=options, resource=kind.resource, namespace=namespace))
        deadline = time.monotonic() + PATIENCE
        while known is None and time.monotonic() < deadline:
            time.sleep(0.02)
            known = _read(path)
    return known or ()


def cache_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """Where answers are kept: in $XDG_CACHE_HOME, or where the system keeps such things."""
    cache = environ.get("XDG_CACHE_HOME", "")
    if Path(cache).is_absolute():
        base = Path(cache)
    elif sys.platform == "win32":
        base = Path(environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    else:
        base = Path.home() / ("Library/Caches" if sys.platform == "darwin" else ".cache")
    return base / "kubectl-meshfix" / "names"


def refill() -> None:
    """Answer the question on standard input into its file. Ends within LONGEST seconds, whatever hangs."""
    end = threading.Timer(LONGEST, _end)
    end.daemon = True
    end.start()
    question = msgspec.json.decode(sys.stdin.buffer.read(), type=NamesQuery)
    kind = next(kind for kind in kinds.KINDS if kind.resource == question.resource)
    with contextlib.suppress(MeshfixError, OSError):
        from kubectl_meshfix.sources.api.connection import connect  # noqa: PLC0415 -- loads the client
        from kubectl_meshfix.sources.object_names import list_names  # noqa: PLC0415

        api = connect(question.options)
        found = list_names(api, kind, question.namespace)
        _write(_path(api.kubeconfig, question.resource, question.namespace), _Answer(names=sorted(found)))
    end.cancel()


def _end() -> None:
    """End this process and its plugin, and nothing else where somebody runs it by hand."""
    if os.name == "posix" and os.getpgrp() == os.getpid():
        os.killpg(0, 9)
    os._exit(1)


def _path(kubeconfig: Kubeconfig, resource: str, namespace: str | None) -> Path:
    user = kubeconfig.user
    asked = [kubeconfig.context, kubeconfig.cluster.server, kubeconfig.user_name, user.as_user, user.as_uid, *user.as_groups]
    digest = hashlib.sha256(msgspec.json.encode([asked, resource, namespace])).hexdigest()
    return cache_folder() / f"{digest[:32]}.json"


def _read(path: Path) -> list[str] | None:
    try:
        if time.time() - path.stat().st_mtime > KEPT:
            return None
        return msgspec.json.decode(path.read_bytes(), type=_Answer).names
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return None


def _write(path: Path, answer: _Answer) -> None:
    """Put an answer in its place as a whole, and drop those that are worth nothing any more."""
    beside = path.with_suffix(f".{os.getpid()}")
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as stream:
        stream.write(msgspec.json.encode(answer))
    beside.replace(path)
    for other in path.parent.iterdir():
        with contextlib.suppress(OSError):
            if time.time() - other.stat().st_mtime > KEPT:
                other.unlink()


def _may_ask(path: Path, seconds: float) -> bool:
    """Whether nobody has asked for so long; if so, note that somebody does now."""
    mark = path.with_suffix(".asked")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if mark.exists() and time.time() - mark.stat().st_mtime < seconds:
            return False
        os.close(os.open(mark, os.O_WRONLY | os.O_CREAT, 0o600))
        os.utime(mark)
    except OSError:
        return False
    return True


def _ask(question: NamesQuery) -> None:
    """Have a process of its own ask, which nobody waits for and no terminal hears of."""
    program = [sys.executable] if getattr(sys, "frozen", False) else [sys.executable, "-m", "kubectl_meshfix"]
    process = subprocess.Popen(  # noqa: S603 -- this very program
        [*program, REFILL],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )
    if process.stdin:
        process.stdin.write(msgspec.json.encode(question))
        process.stdin.close()

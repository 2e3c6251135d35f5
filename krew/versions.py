"""One version, two spellings: PEP 440's ``0.2.0rc1`` for Python, semantic versioning's ``v0.2.0-rc.1`` for tags and krew.

``python -m krew.versions`` prints the tag of what is installed, and ``python -m krew.versions v0.2.0-rc.1`` fails if that is not it.
"""

import sys

from packaging.version import Version

from kubectl_meshfix import __version__

_NAMES = {"a": "alpha", "b": "beta", "rc": "rc"}


def tag(version: str) -> str:
    """The tag of a version, of a development version too. Raises ValueError for what semantic versioning cannot say."""
    parsed = Version(version)
    if parsed.epoch or parsed.post is not None or len(parsed.release) > 3:
        raise ValueError(f"{version} cannot be written as x.y.z-pre")
    major, minor, micro = (*parsed.release, 0, 0)[:3]
    pre = [_NAMES[parsed.pre[0]], str(parsed.pre[1])] if parsed.pre else []
    pre += ["dev", str(parsed.dev)] if parsed.dev is not None else []
    return f"v{major}.{minor}.{micro}" + (f"-{'.'.join(pre)}" if pre else "") + (f"+{parsed.local}" if parsed.local else "")


def must_agree(name: str, version: str) -> None:
    """Stop a release whose tag and built version differ, or whose tag krew would refuse. Raises ValueError."""
    if tag(version) != name:
        raise ValueError(f"The tag is {name}, but what was built is {version}, whose tag is {tag(version)}")


if __name__ == "__main__":
    try:
        if sys.argv[1:]:
            must_agree(sys.argv[1], __version__)
        else:
            sys.stdout.write(f"{tag(__version__)}\n")
    except ValueError as error:
        sys.exit(f"error: {error}.")

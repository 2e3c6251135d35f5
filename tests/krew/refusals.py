"""What krew and krew-index refuse in a manifest (`internal/index/validation/validate.go`, `cmd/validate-krew-manifest`)."""

import re
from collections.abc import Iterator
from typing import Any

PLATFORMS = [
    *(("windows", arch) for arch in ("386", "amd64", "arm64")),
    *(("linux", arch) for arch in ("386", "amd64", "arm", "arm64", "ppc64le")),
    *(("darwin", arch) for arch in ("386", "amd64", "arm64")),
]
_NUMBER = r"(0|[1-9]\d*)"
_SEMVER = re.compile(rf"v{_NUMBER}\.{_NUMBER}\.{_NUMBER}(-[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?(\+[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?")
_DEVICES = re.compile(r"(?i)(CON|PRN|AUX|NUL|COM\d|LPT\d)")


def refusals(manifest: dict[str, Any], file: str = "meshfix.yaml") -> list[str]:
    """Every field that krew would refuse; none for a good manifest."""
    name, spec = manifest["metadata"]["name"], manifest["spec"]
    platforms = spec.get("platforms") or []
    refused = {
        "apiVersion": manifest["apiVersion"] != "krew.googlecontainertools.github.com/v1alpha2",
        "kind": manifest["kind"] != "Plugin",
        "name": not re.fullmatch(r"[\w-]+", name) or bool(_DEVICES.fullmatch(name)) or file != f"{name}.yaml",
        "version": not _SEMVER.fullmatch(spec["version"]),
        "shortDescription": not spec.get("shortDescription") or bool(re.search(r"[\r\n]", spec["shortDescription"])),
        "platforms": not platforms,
        "overlap": any(sum(_selects(platform, pair) for platform in platforms) > 1 for pair in PLATFORMS),
    }
    return [field for field, wrong in refused.items() if wrong] + [field for platform in platforms for field in _of_platform(platform)]


def _of_platform(platform: dict[str, Any]) -> Iterator[str]:
    selector = platform.get("selector") or {}
    keys = {*selector.get("matchLabels", {}), *(row["key"] for row in selector.get("matchExpressions", []))}
    if not keys or not keys <= {"os", "arch"} or not any(_selects(platform, pair) for pair in PLATFORMS):
        yield "selector"
    if not re.search(r"\.(zip|tar\.gz)$", platform.get("uri", "")):
        yield "uri"
    if not re.fullmatch(r"[a-f0-9]{64}", platform.get("sha256", "")):
        yield "sha256"
    program = platform.get("bin", "")
    on_windows = any(_selects(platform, pair) for pair in PLATFORMS if pair[0] == "windows")
    if not program or program.startswith("/") or ".." in program.split("/") or (on_windows and not program.endswith(".exe")):
        yield "bin"
    files = platform.get("files")
    if files is not None and (not files or not all(row.get("from") and row.get("to") for row in files)):
        yield "files"


def _selects(platform: dict[str, Any], pair: tuple[str, str]) -> bool:
    labels = dict(zip(("os", "arch"), pair, strict=True))
    selector = platform.get("selector") or {}
    return all(labels.get(key) == value for key, value in selector.get("matchLabels", {}).items()) and all(
        (labels.get(row["key"]) in row["values"]) == (row["operator"] == "In") for row in selector.get("matchExpressions", [])
    )

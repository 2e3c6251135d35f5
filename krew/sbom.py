"""The bill of materials of an archive: what of others is in it, as CycloneDX 1.6 (https://cyclonedx.org/docs/1.6/json/).

It is written from what freezing found in the archive. Tools that look at an environment would name what is installed there, which is more
packages than go along, and not the system's libraries, which do go along.
"""

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import NAMESPACE_URL, uuid5

from krew.notices import OWN, UNKNOWN, Component
from kubectl_meshfix import __version__


def text(components: Sequence[Component], archive: Path, seconds: int) -> str:
    """The document as JSON, dated ``seconds`` since 1970; the same text for the same archive."""
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    own = {
        "type": "application",
        "bom-ref": OWN,
        "name": OWN,
        "version": __version__,
        "purl": f"pkg:pypi/{OWN}@{quote(__version__)}",
        "licenses": [{"license": {"id": "Apache-2.0"}}],
        "hashes": [{"alg": "SHA-256", "content": digest}],
    }
    rows = [_component(component) for component in components]
    document = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid5(NAMESPACE_URL, f'sha256:{digest}')}",
        "version": 1,
        "metadata": {"timestamp": datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"), "component": own},
        "components": rows,
        "dependencies": [{"ref": OWN, "dependsOn": [row["bom-ref"] for row in rows]}, *({"ref": row["bom-ref"]} for row in rows)],
    }
    return json.dumps(document, indent=2) + "\n"


def _component(component: Component) -> dict[str, Any]:
    """One row, known by its package URL (https://github.com/package-url/purl-spec)."""
    space = {"deb": "debian/", "rpm": "redhat/"}.get(component.system, "")
    name = component.name.lower().replace("_", "-") if component.system == "pypi" else component.name
    at = f"@{quote(component.version, safe='')}" if component.version else ""
    purl = f"pkg:{component.system}/{space}{quote(name, safe='')}{at}"
    row: dict[str, Any] = {"type": "library", "bom-ref": purl, "name": component.name, "purl": purl}
    if component.version:
        row["version"] = component.version
    if component.licence != UNKNOWN:
        row["licenses"] = [{"expression": component.licence} if component.spdx else {"license": {"name": component.licence}}]
    return row

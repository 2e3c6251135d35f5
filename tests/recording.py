"""How recordings are written, and compared with what is asked."""

import json
from typing import Any

import yaml
from vcr.request import Request


class Readable:
    """Cassettes as YAML with JSON bodies as objects, so that a change of them can be reviewed."""

    @staticmethod
    def serialize(cassette: dict[str, Any]) -> str:
        """A cassette's text."""
        for row in cassette["interactions"]:
            row["response"]["body"] = _opened(row["response"]["body"].get("string"))
            row["request"]["body"] = _opened(row["request"]["body"])
        return yaml.dump(cassette, Dumper=getattr(yaml, "CSafeDumper", yaml.SafeDumper), sort_keys=False, width=140)

    @staticmethod
    def deserialize(text: str) -> dict[str, Any]:
        """The cassette of a text."""
        cassette: dict[str, Any] = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        for row in cassette["interactions"]:
            row["response"]["body"] = {"string": json.dumps(row["response"]["body"]) if row["response"]["body"] is not None else ""}
            if row["request"]["body"] is not None:
                row["request"]["body"] = json.dumps(row["request"]["body"])
        return cassette


def _opened(body: Any) -> Any:
    text = body.decode() if isinstance(body, bytes) else body
    return json.loads(text) if text else None


def same_body(one: Request, other: Request) -> None:
    """Patches must be what was recorded, whatever the formatting."""
    assert _opened(one.body) == _opened(other.body)

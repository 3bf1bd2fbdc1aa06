"""What names things that are stored: the one text of a value, and hashes of it."""

import hashlib
import json
from typing import Any

SCHEMA = 3
"""Raise it when the meaning of a stored number changes: older files are then measured anew."""


def canonical(value: Any) -> str:
    """The one JSON text of a value: hashes are taken of it."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def key(setting: dict[str, Any], seed: int, replicate: int) -> str:
    """Hash that names a shard: by what determines its numbers, not by who computed them."""
    identity = {"schema": SCHEMA, "setting": setting, "seed": seed, "replicate": replicate}
    return sha256(canonical(identity))[:20]

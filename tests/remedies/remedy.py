"""An error message, and its remedy carried out."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Remedy:
    """What raises a ValueError, words of its message (a regular expression), and the call with
    which a reader who does what the message says goes on: it must work."""

    wrong: Callable[[], Any]
    says: str
    mended: Callable[[], Any]

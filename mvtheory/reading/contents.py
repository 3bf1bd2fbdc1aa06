"""What a reader finds in a file: arrays by name, each read when it is asked for."""

from collections.abc import Callable, Mapping
from typing import Any

Contents = Mapping[str, Callable[[], Any]]
"""Names, and what gives the array or the `LazyRows` of each."""


class ReadingError(ValueError):
    """What a file, or this installation, has not; the message ends with the remedy."""

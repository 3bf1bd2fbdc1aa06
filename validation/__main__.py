"""``python -m validation``."""

import sys
from collections.abc import Callable

from mvtheory.interrupt import guarded


def load() -> Callable[[], int]:
    from validation.command import main

    return main


if __name__ == "__main__":
    sys.exit(guarded("validation", load))

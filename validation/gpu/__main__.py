"""``python -m validation.gpu``."""

import sys
from collections.abc import Callable

from mvtheory.interrupt import guarded


def load() -> Callable[[], int]:
    from validation.gpu.command import main

    return main


if __name__ == "__main__":
    sys.exit(guarded("validation.gpu", load))

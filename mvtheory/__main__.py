"""``python -m mvtheory``, and the command ``mvtheory``."""

import sys
from collections.abc import Callable

from mvtheory.interrupt import guarded


def load() -> Callable[[], int]:
    from mvtheory.cli import main

    return main


def main() -> int:
    return guarded("mvtheory", load)


if __name__ == "__main__":
    sys.exit(main())

"""``python -m mvtheory``."""

import sys

from mvtheory.cli import main

if __name__ == "__main__":
    sys.exit(main())

"""What makes the documentation lies beside its pages, in docs/making."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "docs"))

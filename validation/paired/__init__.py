"""Two models on the same items: is one better, are they as good as equal, what could be told.

What both get right, or both wrong, says nothing of a difference; a test that ignores the pairs
takes it for noise. Here the pairs are tested: exactly, with an interval for the difference, a test
of equivalence and the smallest difference that these items could show.
"""

from validation.paired.comparison import Paired, compare, compare_all
from validation.paired.harness import read_samples

__all__ = ["Paired", "compare", "compare_all", "read_samples"]

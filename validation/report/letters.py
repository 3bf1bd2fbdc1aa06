"""How wide words are in a figure, and which of them have room beside each other."""

import itertools
from collections.abc import Sequence
from functools import lru_cache

GAP = 0.07
"""Inches between words that stand beside each other."""


@lru_cache(maxsize=4096)
def inches(words: str, points: float) -> float:
    """Width of the widest line of words, in the font of figures at this size."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import text_to_path

    font = FontProperties(size=points)
    lines = words.split("\n")
    widths = (text_to_path.get_text_width_height_descent(own, font, False)[0] for own in lines)
    return float(max(widths)) / 72


def are_apart(at: Sequence[float], words: Sequence[str], points: float, width: float) -> bool:
    """Whether words in the middle of these places, from 0 to 1 of so many inches, do not meet."""
    ends = [(width * x, inches(own, points) / 2) for x, own in zip(at, words, strict=True)]
    pairs = itertools.pairwise(ends)
    return all(right - left >= own + other + GAP for (left, own), (right, other) in pairs)


def with_room(at: Sequence[float], words: Sequence[str], points: float, width: float) -> list[str]:
    """Words at places in order, those left empty that would meet the one before or the last."""
    kept = [0] if words else []
    last = len(words) - 1

    def both(one: int, other: int) -> bool:
        pair = (one, other)
        return are_apart([at[n] for n in pair], [words[n] for n in pair], points, width)

    for n in range(1, len(words)):
        if both(kept[-1], n) and (n == last or both(n, last)):
            kept.append(n)
    return [own if n in kept else "" for n, own in enumerate(words)]

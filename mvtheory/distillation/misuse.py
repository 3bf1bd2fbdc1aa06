"""Arguments that are not what they are said to be: what outputs show of the usual mistakes.

Every check names one argument, the likely mistake and its remedy; `sample_order` has those with a
null hypothesis and a level, `anchor_setting` those with limits learned from trained problems.
docs/misuse.md says how often each mistake is seen, and what cannot be seen.
"""

from collections.abc import Iterator, Mapping
from itertools import combinations

import numpy as np

from mvtheory.distillation.anchor_setting import centred, rows_of, settings, starts
from mvtheory.distillation.hypothesis import Diagnostic, doubted
from mvtheory.distillation.outputs import Logits
from mvtheory.distillation.prediction import Outputs
from mvtheory.distillation.sample_order import forgotten, order, seen, split, spread
from mvtheory.shapes import Int, Integers

COMPARED = 50
"""Samples on which files are compared."""
SAME = 1e-3
"""Relative distance below which two outputs are one, stored in half precision perhaps."""


def misuses(outputs: Outputs) -> list[Diagnostic]:
    """What the outputs show of mistakes in the arguments; in the order in which they matter.

    An argument that failed one check is in no later one on the same samples.
    """
    given: dict[str, Logits] = {"student": outputs.student, "teacher": outputs.teacher}
    given |= {f"anchors[{j}].logits": a.logits for j, a in enumerate(outputs.anchors)}
    parts = [seen("tested", outputs.labels, given, outputs.tested)]
    if outputs.training is not None:
        parts.append(seen("training", outputs.labels, given, outputs.training))
    found = [*_copies(given, outputs.tested)]
    copied = {one.name.split(" ")[0] for one in found if not one.holds}
    found += [one for part in parts for one in order(part)]
    suspects = copied.union(*(part.suspects for part in parts))
    if "labels" not in suspects and not suspects & {"student", "teacher"}:
        found.append(split(*parts) if len(parts) == 2 else forgotten(parts[0]))
    if "labels" not in suspects:
        found += settings(outputs, suspects)
    if outputs.same_start and not suspects & {"labels", "student", "teacher"}:
        found += starts(outputs, suspects)
    return found


def _copies(given: Mapping[str, Logits], tested: Int[Integers, " tested"]) -> Iterator[Diagnostic]:
    """Outputs that are the same file, up to the precision of half floats."""
    some = spread(tested, COMPARED)
    rows = {name: centred(rows_of(logits, some)) for name, logits in given.items()}
    for one, two in combinations(rows, 2):
        # An anchor is the argument that may be spared; a multiple of the teacher is the teacher.
        a, b = rows[one], rows[two]
        size = float(np.linalg.norm(a))
        factor = float(np.vdot(a, b)) / size**2 if one == "teacher" and size else 1.0
        apart = float(np.linalg.norm(b - factor * a)) / (abs(factor) * size or 1.0)
        if size == 0 or factor <= 0:
            continue
        yield doubted(
            f"{two} other than {one}",
            "every argument is a network of its own",
            apart, SAME, 0.0, apart > SAME,
            f"relative distance {apart:.2g}",
            f"they are the same logits; save those of {_WHOSE[two.split('[')[0]]} again",
        )  # fmt: skip


_WHOSE = {"teacher": "the teacher", "anchors": "the distilled student"}

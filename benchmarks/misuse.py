"""Which mistakes in the arguments of `advise` are seen, and how often sound ones are doubted.

Usage: python benchmarks/misuse.py DIR [--half held-out|development|all] [--write FILE.md]

DIR holds trained problems, one .npz each: `kind` and `name`; labels `ytr` (n,) and `yte` (m,); the
teacher's logits on training and test samples, `ttr` (n, K) and `tte` (m, K); and the students',
`tr` (seeds, 29, n, K) and `te` (seeds, 29, m, K), with SETTINGS in order; students of a seed share
start and order of batches. Networks that were not trained at all, `utr` (seeds, n, K) and `ute`
(seeds, m, K), may be there too; else small random functions of the logits stand for them.
`python benchmarks/estimators.py development --data DATA --keep DIR` leaves such a folder.

Problems are divided in two halves by their names: limits were fixed on one. A mistake is seen if
there is a doubt about the data, and named if one names the argument that is wrong. A problem whose
student is no better than the most frequent class is left out, and so are such anchors: they are
doubted rightly.
"""

import argparse
import json
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from mvtheory.distillation import Anchor
from mvtheory.distillation.association import baselines
from mvtheory.distillation.diagnostics import above_chance, diagnostics_of
from mvtheory.distillation.hypothesis import Diagnostic
from mvtheory.distillation.misuse import misuses
from mvtheory.distillation.prediction import Outputs

TEMPERATURES, HARD_WEIGHTS = (1.0, 2.0, 4.0, 8.0), (0.05, 0.1, 0.25, 0.5, 0.75, 0.9)
SETTINGS = [
    *((t, a) for t in TEMPERATURES for a in HARD_WEIGHTS),
    *((t, 0.0) for t in TEMPERATURES),
    (1.0, 1.0),
]
ANCHORS = {
    "T = 4, a_H = .1": [(4.0, 0.1)],
    "T = 4, a_H = 0": [(4.0, 0.0)],
    "T = 1 and 8, a_H = 0": [(1.0, 0.0), (8.0, 0.0)],
    "T = 2, a_H = .25": [(2.0, 0.25)],
}
SEEDS = 2


@dataclass(frozen=True, kw_only=True)
class Problem:
    """Training samples first: labels (N,), logits (N, K), of students by (seed, setting)."""

    name: str
    kind: str
    trained: int
    labels: np.ndarray
    teacher: np.ndarray
    students: dict[tuple[int, tuple[float, float]], np.ndarray]
    untrained: np.ndarray

    @property
    def held_out(self) -> bool:
        return zlib.crc32(self.name.encode()) % 2 == 0


def read(path: Path) -> Problem:
    wanted = {setting for runs in ANCHORS.values() for setting in runs} | {(1.0, 1.0)}
    with np.load(path) as file:
        training, test = file["tr"], file["te"]
        students = {
            (seed, setting): np.concatenate([part[seed, SETTINGS.index(setting)]
                                             for part in (training, test)])
            for seed in range(SEEDS) for setting in wanted
        }  # fmt: skip
        teacher = np.concatenate([file["ttr"], file["tte"]])
        if "utr" in file:
            untrained = np.concatenate([file["utr"][0], file["ute"][0]])
        else:
            rng = np.random.default_rng(0)
            seen = np.hstack([teacher, students[1, (1.0, 1.0)]])
            untrained = 0.1 * (seen / seen.std()) @ rng.normal(size=(seen.shape[1], len(teacher.T)))
            untrained /= np.sqrt(seen.shape[1])
        return Problem(
            name=str(file["name"]), kind=str(file["kind"]), trained=len(file["ytr"]),
            labels=np.concatenate([file["ytr"], file["yte"]]), teacher=teacher, students=students,
            untrained=untrained,
        )  # fmt: skip


def sound(problem: Problem, runs: list[tuple[float, float]], seed: int, split: bool) -> Outputs:
    everything = np.arange(len(problem.labels))
    tested = everything[problem.trained :]
    return Outputs(
        labels=problem.labels,
        teacher=problem.teacher,
        student=problem.students[seed, (1.0, 1.0)],
        anchors=tuple(
            Anchor(logits=problem.students[seed, run], temperature=run[0], hard_weight=run[1])
            for run in runs
        ),
        training=everything[: problem.trained] if split else None,
        tested=tested,
        same_start=True,
    )


Misuse = Callable[[Problem, Outputs, int], Outputs | None]
"""The outputs with the mistake; None where it cannot be made."""


def first(outputs: Outputs, **changes: object) -> Outputs:
    return replace(outputs, anchors=(replace(outputs.anchors[0], **changes), *outputs.anchors[1:]))


def shuffled(array: np.ndarray, samples: np.ndarray | None) -> np.ndarray:
    assert samples is not None
    found = array.copy()
    found[samples] = array[np.random.default_rng(3).permutation(samples)]
    return found


def changed(outputs: Outputs, name: str, change: Callable[[np.ndarray], np.ndarray]) -> Outputs:
    if name == "anchor":
        return first(outputs, logits=change(outputs.anchors[0].logits))
    return replace(outputs, **{name: change(getattr(outputs, name))})


def in_other_order(name: str, part: str) -> Misuse:
    def make(_: Problem, outputs: Outputs, __: int) -> Outputs | None:
        samples = getattr(outputs, part)
        return None if samples is None else changed(outputs, name, lambda a: shuffled(a, samples))

    return make


def other_labels(part: str) -> Misuse:
    """Labels of samples of the other split, or drawn again where there are too few."""

    def make(problem: Problem, outputs: Outputs, _: int) -> Outputs | None:
        samples = getattr(outputs, part)
        if samples is None:
            return None
        others = np.setdiff1d(np.arange(len(problem.labels)), samples)
        labels = problem.labels.copy()
        labels[samples] = problem.labels[np.resize(others, samples.size)]
        return replace(outputs, labels=labels)

    return make


def exchanged(_: Problem, outputs: Outputs, __: int) -> Outputs | None:
    a = outputs.anchors[0].hard_weight
    return first(outputs, hard_weight=1 - a) if a else None


def as_weight(_: Problem, outputs: Outputs, __: int) -> Outputs | None:
    a = outputs.anchors[0].hard_weight
    return first(outputs, hard_weight=outputs.anchors[0].soft_weight) if a else None


def divided(_: Problem, outputs: Outputs, __: int) -> Outputs | None:
    t = outputs.anchors[0].temperature
    return changed(outputs, "anchor", lambda logits: logits / t) if t > 1 else None


def inverted(_: Problem, outputs: Outputs, __: int) -> Outputs | None:
    if outputs.training is None:
        return None
    return replace(outputs, training=outputs.tested, tested=outputs.training)


def forgotten(problem: Problem, outputs: Outputs, _: int) -> Outputs | None:
    if outputs.training is not None:
        return None
    return replace(outputs, tested=np.arange(len(problem.labels)))


def twice(_: Problem, outputs: Outputs, __: int) -> Outputs:
    again = replace(outputs.anchors[0], temperature=2 * outputs.anchors[0].temperature)
    return replace(outputs, anchors=(outputs.anchors[0], again))


def other_start(problem: Problem, outputs: Outputs, seed: int) -> Outputs:
    return replace(outputs, student=problem.students[(seed + 1) % SEEDS, (1.0, 1.0)])


TESTED, TRAINED = "on the tested samples", "on the training samples"
MISUSES: dict[str, tuple[Misuse, tuple[str, ...]]] = {
    f"{words} in another order, {where}": (in_other_order(name, part), (begin,))
    for name, words, begin in (
        ("anchor", "logits of an anchor", "anchors[0].logits"),
        ("student", "logits of the student", "student"),
        ("teacher", "logits of the teacher", "teacher"),
    )
    for part, where in (("tested", "tested samples"), ("training", "training samples"))
} | {
    "labels of another split, tested samples": (other_labels("tested"), ("labels",)),
    "labels of another split, training samples": (other_labels("training"), ("labels",)),
    "logits of an anchor saved after division by T": (divided, ("anchors[0].logits",)),
    "logits of the teacher saved after division by 4": (
        lambda _, outputs, __: changed(outputs, "teacher", lambda a: a / 4),
        ("teacher's scale",),
    ),
    "logits of the teacher saved after division by 2": (
        lambda _, outputs, __: changed(outputs, "teacher", lambda a: a / 2),
        ("teacher's scale",),
    ),
    "the teacher given as an anchor": (
        lambda _, outputs, __: first(outputs, logits=outputs.teacher),
        ("anchors[0].logits other than teacher",),
    ),
    "the student of hard labels given as an anchor": (
        lambda _, outputs, __: first(outputs, logits=outputs.student),
        ("anchors[0].logits other than student",),
    ),
    "another student of hard labels given as an anchor": (
        lambda problem, outputs, seed: first(
            outputs, logits=problem.students[(seed + 1) % SEEDS, (1.0, 1.0)]
        ),
        ("anchors[0]",),
    ),
    "two anchors that are the same file": (twice, ("anchors[1].logits other than anchors[0]",)),
    "an untrained anchor": (
        lambda problem, outputs, _: first(outputs, logits=problem.untrained),
        ("anchors[0]",),
    ),
    "1 - a_H given as a_H": (exchanged, ("anchors[0]'s setting",)),
    "the soft weight w given as a_H": (as_weight, ("anchors[0]'s setting",)),
    "split inverted": (inverted, ("split", "student trained on split")),
    "split forgotten": (forgotten, ("samples of one kind (split)",)),
    "students of different starts declared the same": (other_start, ("same_start",)),
}


def doubts(outputs: Outputs) -> list[Diagnostic]:
    """Those about the data that this page is on."""
    found = misuses(outputs)
    if outputs.method == "balanced":
        found = [*found, *outputs.balance.diagnose()]
    return [one for one in found if not one.holds]


def learned(outputs: Outputs) -> bool:
    """Whether student and anchors are better than the most frequent class."""
    y, classes = outputs.labels[outputs.tested], outputs.student.shape[1]
    return all(
        above_chance("student", baselines(y, logits[outputs.tested].argmax(axis=1), classes)).holds
        for logits in (outputs.student, *(anchor.logits for anchor in outputs.anchors))
    )


def cases(problem: Problem) -> Iterator[tuple[str, str, bool, Outputs, tuple[str, ...]]]:
    """What is wrong (nothing first), anchors, whether there is a split, outputs, names."""
    for words, runs in ANCHORS.items():
        for split in (True, False):
            for seed in range(SEEDS):
                outputs = sound(problem, runs, seed, split)
                if not learned(outputs):
                    print(f"{problem.name}, {words}: no better than the most frequent class")
                    continue
                yield "nothing", words, split, outputs, ()
                for mistake, (make, names) in MISUSES.items() if seed == 0 else ():
                    wrong = make(problem, outputs, seed)
                    if wrong is not None:
                        yield mistake, words, split, wrong, names


def measure(folder: Path, half: str) -> list[dict[str, object]]:
    found = []
    for path in sorted(folder.glob("*.npz")):
        problem = read(path)
        if half != "all" and problem.held_out != (half == "held-out"):
            continue
        for mistake, words, split, outputs, names in cases(problem):
            seen = doubts(outputs)
            row = {
                "problem": problem.name, "kind": problem.kind, "mistake": mistake,
                "anchors": words, "split": split, "seen": bool(seen),
                "named": any(one.name.startswith(names) for one in seen) if names else False,
                "doubts": [one.name for one in seen],
            }  # fmt: skip
            if mistake == "nothing":
                shown = outputs.tested
                others = diagnostics_of(
                    outputs.labels[shown], outputs.student[shown], outputs.teacher[shown], [1.0]
                )
                row["others"] = [o.name for o in others if o.of_data and not o.holds]
            found.append(row)
        print(f"{problem.name} is done", flush=True)
    return found


def table(rows: list[dict[str, object]]) -> str:
    """Rates by mistake and by what was given, as Markdown."""
    ways = [(True, "with split"), (False, "without")]
    lines = ["| mistake | " + " | ".join(f"seen {w} | named {w}" for _, w in ways) + " |",
             "|---" * (1 + 2 * len(ways)) + "|"]  # fmt: skip
    for mistake in dict.fromkeys(row["mistake"] for row in rows):
        cells = [mistake if mistake != "nothing" else "**nothing (false alarms)**"]
        for split, _ in ways:
            own = [row for row in rows if row["mistake"] == mistake and row["split"] == split]
            for what in ("seen", "named"):
                empty = not own or (mistake == "nothing" and what == "named")
                cells.append("" if empty else f"{100 * np.mean([r[what] for r in own]):.1f} %")
        lines.append("| " + " | ".join(cells) + " |")
    alarms = defaultdict(list)
    for row in rows:
        if row["mistake"] == "nothing":
            alarms[row["anchors"], row["split"]].append(bool(row["seen"]))
    lines += [
        "",
        "False alarms by anchors:",
        "",
        "| anchors | with split | without |",
        "|---|---|---|",
    ]
    for words in ANCHORS:
        cells = [f"{100 * np.mean(alarms[words, split]):.1f} %" for split in (True, False)]
        lines.append(f"| {words} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path, metavar="DIR")
    parser.add_argument("--half", choices=["held-out", "development", "all"], default="held-out")
    parser.add_argument("--write", type=Path, help="the tables, in Markdown")
    parser.add_argument("--rows", type=Path, help="every case, as JSON")
    asked = parser.parse_args()
    rows = measure(asked.folder, asked.half)
    if asked.rows:
        asked.rows.write_text(json.dumps(rows))
    text = table(rows)
    print(text)
    if asked.write:
        asked.write.write_text(text + "\n")


if __name__ == "__main__":
    main()

"""Students of teachers of whom only the k largest probabilities are known, against the whole one's.

Usage: python benchmarks/topk.py [--record]

Three problems of 12 to 25 classes. The rest of the teacher's mass is spread evenly over the other
classes, as `TopK` does. Students of T in {1, 2, 4, 8} and a_H = .1 and .5, two seeds, start alike
and see the same batches whoever teaches them. The errors are those of `advise` about the students
of the same teacher, from the one at T = 4, a_H = .1.
"""

import argparse
from dataclasses import replace
from pathlib import Path

import distillation_synthetic as synthetic
import numpy as np
from distillation_report import markdown, number
from distillation_students import Problem
from numpy.typing import NDArray

from mvtheory.distillation import Anchor, TopK
from mvtheory.distillation.outputs import softmax
from mvtheory.distillation.prediction import Outputs, predict
from validation.threads import one_thread

RECORD = Path(__file__).parent / "records" / "topk.md"
TEMPERATURES, HARD_WEIGHTS = (1.0, 2.0, 4.0, 8.0), (0.1, 0.5)
SETTINGS = [*((t, a) for t in TEMPERATURES for a in HARD_WEIGHTS), (1.0, 1.0)]
ANCHOR = SETTINGS.index((4.0, 0.1))
KNOWN = (1, 2, 5)
NUMBERS = (407, 408, 429)
SEEDS = 2


def of_largest(logits: NDArray, known: int) -> NDArray[np.float32]:
    """What is known of a teacher."""
    told = softmax(logits, 1.0)
    indices = np.argsort(-told, axis=1)[:, :known]
    top = TopK(indices, np.take_along_axis(told, indices, axis=1), classes=logits.shape[1])
    return top[:].astype(np.float32)


def measure(problem: Problem) -> tuple[NDArray, NDArray]:
    """Accuracies and what advise foretold, (teachers, seeds, settings)."""
    seeds = [np.random.SeedSequence(3, spawn_key=(seed,)) for seed in range(SEEDS)]
    labels = np.concatenate([problem.training.labels, problem.test.labels])
    count = len(problem.training.labels)
    reached, told = [], []
    for known in (None, *KNOWN):
        teacher = tuple(part if known is None else of_largest(part, known)
                        for part in problem.teacher)  # fmt: skip
        students = replace(problem, teacher=teacher).train(SETTINGS, seeds)
        logits = np.concatenate([students.training, students.test], axis=2)
        reached.append((students.test.argmax(axis=-1) == problem.test.labels).mean(axis=-1))
        told.append([
            predict(Outputs(
                labels=labels, teacher=np.concatenate(teacher), student=own[-1],
                anchors=(Anchor(logits=own[ANCHOR], temperature=4, hard_weight=0.1),),
                training=np.arange(count), tested=np.arange(count, len(labels)), same_start=True,
            ), TEMPERATURES, HARD_WEIGHTS).accuracy.ravel()
            for own in logits
        ])  # fmt: skip
    return np.array(reached), np.array(told)


def signed(value: float) -> str:
    return f"{value:+.4f}".replace("0.", ".", 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--record", action="store_true", help="write the record")
    given = parser.parse_args()
    rows, mass = [], []
    changes, errors = [], []
    for number_ in NUMBERS:
        with one_thread():
            problem = replace(synthetic.random_problem(number_).make(), printed=False)
            reached, told = measure(problem)
        test = softmax(problem.teacher[1], 1.0)
        top = -np.sort(-test, axis=1)
        mass.append([1 - top[:, :known].sum(axis=1).mean() for known in KNOWN])
        changes.append(reached - reached[:1])
        errors.append(np.sqrt(np.mean((told - reached[..., :-1]) ** 2, axis=(1, 2))))
        right = (test.argmax(axis=1) == problem.test.labels).mean()
        rows.append([number_, test.shape[1], len(problem.training.labels), number(right),
                     *map(number, reached[0].mean(axis=0)[[-1, 0, ANCHOR]].tolist())])  # fmt: skip
    change, error = np.array(changes), np.array(errors)
    problems = ["problem", "K", "samples", "teacher", "hard labels", "T 1, a_H .1", "T 4, a_H .1"]
    text = f"# Teachers of whom the k largest are known\n\n{markdown(problems, rows)}\n"
    text += ("Accuracy of students less that of the whole teacher's, mean over problems and seeds "
             "(standard error over these), and root-mean-square errors of the advice.\n\n"
             )  # fmt: skip
    rows = []
    for place, known in enumerate(KNOWN, start=1):
        seen = change[:, place].reshape(-1, len(SETTINGS))[:, :-1]
        spread = seen.std(axis=0, ddof=1) / np.sqrt(len(seen))
        means = seen.mean(axis=0).tolist()
        cells = [f"{signed(mean)} ({number(error_)})"
                 for mean, error_ in zip(means, spread.tolist(), strict=True)]  # fmt: skip
        left = number(float(np.mean(mass, axis=0)[place - 1]))
        rows.append([known, left, *cells, number(float(error[:, place].mean()))])
    rows.append(["all", ".0000", *["0"] * (len(SETTINGS) - 1), number(float(error[:, 0].mean()))])
    head = ["k", "mass that is spread", *(f"T {t:g}, a_H {number(a, 1)}" for t, a in SETTINGS[:-1])]
    text += markdown([*head, "advice errs by"], rows)
    print(text)
    if given.record:
        RECORD.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()

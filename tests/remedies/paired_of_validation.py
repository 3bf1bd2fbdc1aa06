"""Errors of the comparison of two models; part of `of_validation`."""

import json
import tempfile
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from remedy import Remedy

from validation.paired import Paired, compare, compare_all, harness, read_samples

ANSWERS = np.array([0, 1, 2, 1])


def compared(**changes: Any) -> Paired:
    plain = {"a": ANSWERS, "b": ANSWERS[::-1], "labels": ANSWERS}
    return compare(**(plain | changes))


def scored(a: Any = (0.5, 1.0, 0.0)) -> Paired:
    return compare(a, np.array([0.0, 1.0, 1.0]))


def sample(**changes: Any) -> str:
    return json.dumps({"doc_id": 0, "metrics": ["acc"], "acc": 1.0} | changes)


def read(*lines: str, name: str = "samples_arc.jsonl") -> Any:
    folder = Path(tempfile.mkdtemp())
    (folder / name).write_text("\n".join(lines))
    return read_samples(folder)


def paired(metric: str = "acc", **other: Any) -> Any:
    one = read(sample(doc_hash="1"))
    return harness.pairs(one, read(sample(**({"doc_hash": "1"} | other))), [metric])


PAIRED = [
    Remedy(
        partial(compared, confidence=1.0), "choose such as 0.9", partial(compared, confidence=0.9)
    ),
    Remedy(partial(compared, power=0.0), "choose such as 0.9", partial(compared, power=0.9)),
    Remedy(partial(compared, margin=0.0), "leave it out for no test", compared),
    Remedy(
        partial(compare_all, {}),
        "give at least one pair",
        partial(compare_all, {"a": ([0.5, 1], [1, 0])}),
    ),
    Remedy(partial(compared, a=ANSWERS[:3], labels=None), "on the same items", compared),
    Remedy(
        partial(compare, [1.0], [0.0]), "at least 2 are needed: give more",
        partial(compare, [1.0, 0.0], [0.0, 0.0]),
    ),
    Remedy(partial(scored, [0.5, np.nan, 1]), "leave out such items of both", scored),
    Remedy(partial(scored, np.eye(3)), "give labels with answers or logits", compared),
    Remedy(partial(compared, labels=ANSWERS / 2), "give one for each row", compared),
    Remedy(
        partial(compared, a=np.eye(4)[:, :2]), "give a column for each class",
        partial(compared, a=np.eye(4)[:, :3]),
    ),
    Remedy(
        partial(read, "{", sample()), "give a file that --log_samples wrote",
        partial(read, sample()),
    ),
    Remedy(
        partial(read, sample(), sample()), "give a file of one run",
        partial(read, sample(), sample(doc_id=1)),
    ),
    Remedy(
        partial(read, sample(), name="results.json"), "that lm_eval wrote with --log_samples",
        partial(read, sample()),
    ),
    Remedy(partial(paired, doc_hash="2"), "give two runs of one version of the task", paired),
    Remedy(partial(paired, metric="f1"), "they have acc: choose of these", paired),
]  # fmt: skip

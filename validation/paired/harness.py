"""Sample files of lm-evaluation-harness: what ``--log_samples`` writes.

A line of samples_TASK_DATE.jsonl is an item as a JSON object: `doc_id` and hashes of what was asked
say which, `metrics` names the scores that stand beside it, and `filter` how the answer was taken
out of what the model said. With several filters an item has a line for each.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Key = tuple[str, str, str]
"""Task, filter and metric."""
DATE = re.compile(r"_\d{4}-\d{2}-\d{2}T[\d.:-]+$")
ASKED = ("doc_hash", "prompt_hash", "target_hash")
"""Of them the first and last must agree, for another prompt is part of another model."""


def read_samples(path: str | Path) -> dict[Key, dict[str, float]]:
    """Scores by task, filter and metric, each by item.

    Parameters
    ----------
    path : str or Path
        A samples_*.jsonl file, or a folder in which such are, at any depth: of each task the latest
        by its name counts.

    Raises
    ------
    ValueError
        For a path without such files, one that is spoilt, and one with an item twice.
    """
    scores: dict[Key, dict[str, float]] = {}
    for task, file in _files(Path(path)).items():
        for number, line in enumerate(_lines(file), start=1):
            where = f"{str(file)!r}, line {number}"
            try:
                row = json.loads(line)
                item = f"{row['doc_id']}"
            except (ValueError, KeyError, TypeError) as error:
                raise ValueError(
                    f"{where} is no sample of lm-evaluation-harness ({type(error).__name__}: "
                    f"{error}): give a file that --log_samples wrote"
                ) from None
            asked = "".join(str(row.get(name, "")) for name in (ASKED[0], ASKED[2]))
            for metric, value in _metrics(row):
                own = scores.setdefault((task, str(row.get("filter", "none")), metric), {})
                if f"{item} {asked}" in own:
                    raise ValueError(f"{where} has item {item} again: give a file of one run")
                own[f"{item} {asked}"] = value
    return scores


def _files(path: Path) -> dict[str, Path]:
    """By task; of a folder, the last in the order of their dates."""
    if path.is_file():
        return {_task(path): path}
    found = sorted(path.rglob("samples_*.jsonl"), key=lambda file: file.name)
    if not found:
        raise ValueError(
            f"{str(path)!r} has no samples_*.jsonl: give the folder, or a file, that lm_eval wrote "
            "with --log_samples --output_path"
        )
    return {_task(file): file for file in found}


def _task(file: Path) -> str:
    return DATE.sub("", file.stem).removeprefix("samples_")


def _lines(file: Path) -> Iterator[str]:
    with file.open(encoding="utf-8") as lines:
        yield from (line for line in lines if line.strip())


def _metrics(row: dict[str, Any]) -> Iterator[tuple[str, float]]:
    """Those that are a number of each item; others are made of all items together."""
    for name in row.get("metrics") or [n for n in row if n.startswith(("acc", "exact_match"))]:
        value = row.get(name)
        if isinstance(value, bool | int | float) and np.isfinite(value):
            yield name, float(value)


def pairs(
    a: dict[Key, dict[str, float]], b: dict[Key, dict[str, float]], metrics: list[str] | None = None
) -> tuple[dict[str, tuple[NDArray[np.float64], NDArray[np.float64]]], dict[str, int]]:
    """Scores of the items that both have, and how many others one of them has, by name.

    Two runs of one task each are paired whatever their names. ValueError if nothing pairs.
    """
    tasks = [{task for task, _, _ in side} for side in (a, b)]
    if all(len(own) == 1 for own in tasks):
        (name,) = tasks[0]
        b = {(name, how, metric): items for (_, how, metric), items in b.items()}
    common = [key for key in a if key in b and (not metrics or key[2] in metrics)]
    several = len({how for _, how, _ in common}) > 1
    found, left_out = {}, {}
    for key in common:
        task, how, metric = key
        shared = [item for item in a[key] if item in b[key]]
        if not shared:
            raise ValueError(
                f"{task}, {metric}: the two runs have no item in common, by doc_id, doc_hash and "
                "target_hash; give two runs of one version of the task"
            )
        name = f"{task}, {metric}" + (f" ({how})" if several else "")
        sides = [np.array([side[key][item] for item in shared]) for side in (a, b)]
        found[name] = (sides[0], sides[1])
        left_out[name] = len(a[key]) + len(b[key]) - 2 * len(shared)
    if not found:
        named = ", ".join(sorted({metric for _, _, metric in [*a, *b]}))
        raise ValueError(
            f"metric={metrics} is in no task of both runs; they have {named or 'no numbers'}: "
            "choose of these, and give runs of the same tasks"
        )
    return found, left_out

"""Builds of this repository beside each other, for the benchmarks that pair two of them."""

import importlib
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
ONE_THREAD = {name: "1" for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")}
"""For the environment of processes: no product of theirs waits for another thread."""

BEFORE_ROOMS = {
    "validation.trial.plan": "validation.plan",
    "validation.records.plans": "validation.plan",
    "validation.records.shards": "validation.store",
    "validation.records.tables": "validation.store",
    "validation.records.conclusion": "validation.trial",
    "validation.running.runner": "validation.runner",
    "validation.training.networks": "validation.networks",
    "validation.training.patches": "validation.training",
    "validation.training.schedule": "validation.schedule",
    "validation.experiments.lottery.setting": "validation.experiments.lottery",
    "validation.experiments.phase.setting": "validation.experiments.phase",
    "validation.experiments.teaching.setting": "validation.experiments.teaching",
}
"""Names of today, and what builds called them whose `validation` had no rooms yet."""


def module(name: str) -> Any:
    """The module of the build in which this runs, by its name of today."""
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        # Of ours, not of a package that ours need.
        if name not in BEFORE_ROOMS or not (error.name or "").startswith("validation"):
            raise
        return importlib.import_module(BEFORE_ROOMS[name])


def git(*words: str, check: bool = True) -> str:
    done = subprocess.run(("git", *words), cwd=ROOT, check=check, capture_output=True, text=True)
    return done.stdout.strip()


@contextmanager
def checked_out(commits: dict[str, str]) -> Iterator[dict[str, Path]]:
    """Folders with the files of each commit, for as long as they are needed."""
    with tempfile.TemporaryDirectory() as base:
        folders = {name: Path(base) / name for name in commits}
        try:
            for name, folder in folders.items():
                git("worktree", "add", "--detach", str(folder), commits[name])
            yield folders
        finally:
            for folder in folders.values():
                git("worktree", "remove", "--force", str(folder), check=False)

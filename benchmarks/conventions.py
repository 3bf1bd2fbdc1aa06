"""Hold the conventions to the libraries themselves: equal losses, to 1e-6, on random logits.

Usage: python benchmarks/conventions.py [--sources DIR] (a minute)

in an environment with mvtheory, torch and what is to be compared of

    torchdistill==1.1.5  keras==3.15.1  trl==1.16.0  ms-swift==4.6.0  verl==0.9.1

of which pip installs no two of the last three together: `pip install --no-deps` and what they then
miss (for verl: ray, tensordict, omegaconf, hydra-core, codetiming, orjson) suffices. DIR has clones
of what has no release, RepDistiller and mdistiller. What is missing is said, and skipped; a loss
that differs, or another version than the one that was read, ends with exit code 1. The papers
(hinton, source) and keras-example were read alone.
"""

import argparse
import ast
import importlib.metadata
import itertools
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

os.environ["KERAS_BACKEND"] = "torch"
os.environ["TRL_EXPERIMENTAL_SILENCE"] = "1"

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812

from mvtheory.distillation import Convention

TOLERANCE = 1e-6
SAMPLES, CLASSES = 12, 7
Tensors = tuple[torch.Tensor, torch.Tensor, torch.Tensor]
Loss = Callable[..., float]
"""From labels, student, teacher and the library's arguments."""
GRID: dict[str, dict[str, tuple[Any, ...]]] = {
    "torchdistill": {
        "temperature": (1, 4),
        "alpha": (0, 0.1, 1),
        "beta": (None, 2),
        "reduction": ("batchmean", "mean", "sum"),
    },
    "repdistiller": {"kd_T": (1, 4), "gamma": (0, 1), "alpha": (0.9,)},
    "mdistiller": {"TEMPERATURE": (1, 4), "CE_WEIGHT": (0.1, 1), "KD_WEIGHT": (0.9,)},
    "keras": {"temperature": (1, 4), "student_loss_weight": (0, 0.1, 1)},
    "trl-gkd": {
        "temperature": (1, 4),
        "beta": (0, 0.1, 0.5, 1),
        "reduction": ("batchmean", "mean", "sum"),
    },
    "trl-distillation": {"temperature": (1, 4), "beta": (0, 0.1, 0.5, 1)},
    "ms-swift": {"temperature": (1, 4), "beta": (0, 0.1, 0.5, 1), "sft_alpha": (0, 0.3)},
    "verl": {"loss_mode": ("forward_kl_topk",)},
}
PACKAGES = {"trl-gkd": "trl", "trl-distillation": "trl"}
CLONES = {"repdistiller": "RepDistiller", "mdistiller": "mdistiller"}


def problem() -> Tensors:
    rng = np.random.default_rng(0)
    student, teacher = 1.5 * rng.standard_normal((2, SAMPLES, CLASSES))
    labels = rng.integers(CLASSES, size=SAMPLES)
    return torch.tensor(labels), torch.tensor(student), torch.tensor(teacher)


def torchdistill() -> Loss:
    from torchdistill.losses.mid_level import KDLoss

    def loss(labels: Any, student: Any, teacher: Any, **given: Any) -> float:
        module = KDLoss("logits", "output", "logits", "output", **given)
        rows = ({"logits": {"output": part}} for part in (student, teacher))
        return float(module(*rows, labels))

    return loss


def keras() -> Loss:
    import keras
    from keras.distillation import Distiller, LogitsDistillation

    keras.config.set_floatx("float64")

    def loss(labels: Any, student: Any, teacher: Any, **given: Any) -> float:
        both = keras.Input((2 * CLASSES,))
        distiller = Distiller(
            teacher=keras.Model(both, both[:, CLASSES:]),
            student=keras.Model(both, both[:, :CLASSES]),
            distillation_losses=LogitsDistillation(
                temperature=given["temperature"], loss=keras.losses.KLDivergence()
            ),
            student_loss_weight=given["student_loss_weight"],
        )
        distiller.compile(loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))
        return float(distiller.compute_loss(torch.cat([student, teacher], 1), labels, student))

    return loss


def trl_gkd() -> Loss:
    from trl.experimental.gkd import GKDTrainer

    return lambda labels, student, teacher, **given: float(
        GKDTrainer.generalized_jsd_loss(student, teacher, **given)
    )


def trl_distillation() -> Loss:
    from trl.trainer.distillation_trainer import _chunked_divergence_loss

    head = torch.eye(CLASSES, dtype=torch.float64)

    def loss(labels: Any, student: Any, teacher: Any, **given: Any) -> float:
        mask = torch.ones(1, len(labels))
        return float(_chunked_divergence_loss(student[None], teacher[None], head, head, mask,
                                              given["beta"], temperature=given["temperature"])[0]
                     )  # fmt: skip

    return loss


def ms_swift() -> Loss:
    from swift.rlhf_trainers.gkd_loss import TeacherOutput, gkd_loss

    def loss(labels: Any, student: Any, teacher: Any, **given: Any) -> float:
        taught = TeacherOutput(full_logits=teacher[None], labels=labels[None])
        total, count = gkd_loss(
            student[None], taught, labels[None], given["beta"], given["temperature"]
        )
        # What its trainer adds is the model's own loss.
        return float(total / count + given["sft_alpha"] * F.cross_entropy(student, labels))

    return loss


def verl() -> Loss:
    from verl.trainer.distillation.fsdp.losses import compute_forward_kl_topk

    plain = SimpleNamespace(distillation_loss=SimpleNamespace(log_prob_min_clamp=None))

    def loss(labels: Any, student: Any, teacher: Any, **given: Any) -> float:
        logs, ids = torch.log_softmax(teacher, 1).topk(CLASSES)
        nested = [torch.nested.nested_tensor([rows], layout=torch.jagged) for rows in (logs, ids)]
        found = compute_forward_kl_topk(student[None], *nested, plain, "thd")
        return float(found["distillation_losses"].mean())

    return loss


def defined(path: Path, name: str) -> Any:
    """A function or class of a file, without the modules that the file imports."""
    (node,) = (part for part in ast.parse(path.read_text(encoding="utf-8")).body
               if getattr(part, "name", "") == name)  # fmt: skip
    space = {"torch": torch, "nn": torch.nn, "F": F}
    exec(compile(ast.Module([node], []), str(path), "exec"), space)
    return space[name]


def repdistiller(clone: Path) -> Loss:
    divergence = defined(clone / "distiller_zoo/KD.py", "DistillKL")
    return lambda labels, student, teacher, **given: float(
        given["gamma"] * F.cross_entropy(student, labels)
        + given["alpha"] * divergence(given["kd_T"])(student, teacher)
    )


def mdistiller(clone: Path) -> Loss:
    divergence = defined(clone / "mdistiller/distillers/KD.py", "kd_loss")
    return lambda labels, student, teacher, **given: float(
        given["CE_WEIGHT"] * F.cross_entropy(student, labels)
        + given["KD_WEIGHT"] * divergence(student, teacher, given["TEMPERATURE"])
    )


INSTALLED = {
    "torchdistill": torchdistill,
    "keras": keras,
    "trl-gkd": trl_gkd,
    "trl-distillation": trl_distillation,
    "ms-swift": ms_swift,
    "verl": verl,
}
CLONED = {"repdistiller": repdistiller, "mdistiller": mdistiller}


def settings(name: str) -> Iterator[dict[str, Any]]:
    grid = GRID[name]
    return (dict(zip(grid, values, strict=True)) for values in itertools.product(*grid.values()))


def found(name: str, sources: Path | None) -> tuple[str, Loss]:
    """Version and loss of a library; ImportError or OSError if it is not there."""
    if name in INSTALLED:
        loss = INSTALLED[name]()
        return importlib.metadata.version(PACKAGES.get(name, name)), loss
    if sources is None:
        raise OSError("no --sources")
    clone = sources / CLONES[name]
    loss = CLONED[name](clone)
    command = ["git", "-C", str(clone), "rev-parse", "--short=7", "HEAD"]
    return "commit " + subprocess.run(command, capture_output=True, text=True).stdout.strip(), loss


def largest_gap(name: str, theirs: Loss) -> float:
    """Between the library's losses and ours, relative where they are above 1."""
    data = problem()
    gaps = []
    for given in settings(name):
        expected = theirs(*data, **given)
        value = Convention(name).loss(**given).value(*(part.numpy() for part in data))
        gaps.append(abs(value - expected) / max(1, abs(expected)))
    return max(gaps)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--sources", type=Path, help="folder of clones")
    sources = parser.parse_args().sources
    wrong = 0
    for name in GRID:
        try:
            version, theirs = found(name, sources)
        except (ImportError, OSError) as reason:
            print(f"{name:17} skipped: {reason}")
            continue
        gap, read = largest_gap(name, theirs), Convention(name).library.version
        bad = gap > TOLERANCE or version != read
        wrong += bad
        words = f"{len(list(settings(name))):3} settings, largest gap {gap:.1e}"
        print(f"{name:17} {version:15} {words}{f'; WRONG, read was {read}' if bad else ''}")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())

"""One shard's computing, in whatever process: all that a worker must import, and no statistics."""

import os
import platform
import sys
import time
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from validation.experiments import measure
from validation.threads import one_thread
from validation.trial.claim import Tables
from validation.trial.identity import key, sha256


@dataclass(frozen=True)
class Task:
    """One shard to compute."""

    setting: Any
    seed: int
    replicate: int
    device: str
    """"cpu", "cuda" or, which each worker decides for itself, "auto"."""
    compiled: bool
    keep: tuple[str, ...] = ()
    unfinished: str = ""
    """Folder in which what takes long of a replicate is kept until it is finished."""

    @property
    def name(self) -> str:
        """Of its shard, and of its folder among the unfinished ones."""
        return key(self.setting.describe(), self.seed, self.replicate)


def compute(task: Task) -> tuple[Tables, dict[str, Any]]:
    """Compute a shard, in whatever process this is: its tables and its provenance."""
    import torch  # noqa: F401  (what is not loaded cannot be limited)

    with one_thread():
        return _compute(task)


def _compute(task: Task) -> tuple[Tables, dict[str, Any]]:
    device = resolve_device(task.device)
    if device == "cuda":
        device = gpu_of_worker()
    # Here, for it loads torch: the driver of other workers does without.
    from validation.networks.kept import keeping

    where = environment(device, task.compiled)
    # Of one environment, as the provenance says it: another's networks have other last bits.
    place = Path(task.unfinished) / task.name / sha256(where)[:8] if task.unfinished else None
    started = time.perf_counter()
    with keeping(place):
        tables = measure(task.setting, task.seed, task.replicate, device, task.compiled, task.keep)
    seconds = time.perf_counter() - started
    return tables, {"seconds": seconds, "environment": where}


def gpu_of_worker() -> str:
    """The GPU of the process this is: workers with numbers take the devices in turn."""
    import torch

    number = os.environ.get("MVTHEORY_WORKER")
    if number is None and (distributed := sys.modules.get("distributed")):
        try:
            number = str(distributed.get_worker().name)
        except ValueError:  # not a dask worker
            number = None
    count = torch.cuda.device_count()
    return f"cuda:{int(number) % count}" if number and number.isdigit() and count else "cuda"


def environment(device: str, compiled: bool) -> str:
    """What can change the last bits of a result."""
    import torch

    name = torch.cuda.get_device_name(device) if device.startswith("cuda") else platform.machine()
    mode = "compiled" if compiled else "eager"
    packages = ", ".join(f"{package} {version(package)}" for package in ("torch", "numpy"))
    return f"{device.split(':')[0]} ({name}), {mode}, {packages}"


def resolve_device(device: str) -> str:
    """'auto' is the GPU if there is one; asking for a GPU where there is none is an error."""
    import torch

    if device == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    if device == "cuda" and not torch.cuda.is_available():
        raise ValueError("device='cuda' but torch sees no CUDA GPU: use --device auto or cpu")
    return device

"""One shard's computing, in whatever process: all that a worker must import, and no statistics."""

import os
import platform
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from validation.code import code
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
    code: str | None = None
    """Of the trainer, as the plan names it: who has other code does not compute this."""

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
    own = {"code": code(task.setting.trainer), "mvtheory": own_version()}
    return tables, {"seconds": seconds, "environment": where, **own}


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
    """What can change the last bits of a result, besides the code: where, how and with what."""
    import torch

    kind = device.split(":")[0]
    where = f"{torch.cuda.get_device_name(device)}; " if kind == "cuda" else ""
    mode = "compiled" if compiled else "eager"
    return f"{kind} ({where}{processor()}), {mode}, {libraries()}{_told()}"


LIBRARIES = ("torch", "numpy", "scipy", "numba", "scikit-learn")
"""Packages whose version may change a number."""
TELLING = (
    "ATEN_CPU_CAPABILITY", "MKL_CBWR", "MKL_ENABLE_INSTRUCTIONS", "NPY_DISABLE_CPU_FEATURES",
    "NPY_ENABLE_CPU_FEATURES", "NUMBA_CPU_NAME", "NUMBA_CPU_FEATURES", "ONEDNN_MAX_CPU_ISA",
    "OPENBLAS_CORETYPE",
)  # fmt: skip
"""Variables by which a library is told to use fewer instructions than the processor has."""


@cache
def processor() -> str:
    """Its kind, and the instructions that sums are made with."""
    import torch

    words: dict[str, str] = {}
    with suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            name, _, value = line.partition(":")
            words.setdefault(name.strip(), value.strip())
    named = [words.get("model name") or platform.processor()]
    named += [f"{part} {words[part]}" for part in ("cpu family", "model") if part in words]
    kind = " ".join(filter(None, named)).replace("cpu family", "family")
    instructions = torch.backends.cpu.get_cpu_capability()
    return ", ".join(filter(None, (kind, platform.machine(), instructions)))


@cache
def own_version() -> str:
    return version("mvtheory")


@cache
def libraries() -> str:
    """Their versions, and of those of products of matrices that are loaded the kernels and threads.

    Asked once a process, within `one_thread`: it takes as long as a small replicate.
    """
    import torch
    from threadpoolctl import threadpool_info

    packages = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    found = {
        f"{own['internal_api']} {own['version']} {own.get('architecture', '')}".strip()
        for own in threadpool_info()
        if own["user_api"] == "blas"
    }
    if torch.backends.mkl.is_available():
        found.add("mkl of torch")
    threads = max([torch.get_num_threads(), *(own["num_threads"] for own in threadpool_info())])
    return f"{packages}, {' and '.join(sorted(found))} with {threads} thread{'s' * (threads > 1)}"


def _told() -> str:
    return "".join(f", {name}={os.environ[name]}" for name in TELLING if os.environ.get(name))


def resolve_device(device: str) -> str:
    """'auto' is the GPU if there is one; asking for a GPU where there is none is an error."""
    import torch

    if device == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    if device == "cuda" and not torch.cuda.is_available():
        raise ValueError("device='cuda' but torch sees no CUDA GPU: use --device auto or cpu")
    return device

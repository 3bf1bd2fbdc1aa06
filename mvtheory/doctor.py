"""The command ``mvtheory doctor``: what is installed here, and what more there could be."""

import os
import platform
import subprocess
import sys
from pathlib import Path
from typing import Any

from rich.table import Table

import mvtheory
from mvtheory import extras
from mvtheory.console import Csv, Json, console, in_rows, one_format, print_csv, print_json, say

DEVICES = (
    "import torch; print(*[torch.cuda.get_device_name(k) for k in "
    "range(torch.cuda.device_count())], sep='\\n')"
)
"""For a process of its own: it takes seconds to load torch, and a broken one must not end this."""
SECONDS = 120
FOLDERS = {
    "MVTHEORY_DATA": "image data sets, for claims about images",
    "MPLCONFIGDIR": "settings and cache of matplotlib",
}
"""Environment variables that name a folder."""
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")


def doctor(as_json: Json = False, as_csv: Csv = False) -> None:
    """Say what is installed here: versions, devices, BLAS, folders, and what extras would add."""
    one_format(as_json, as_csv)
    found = examination()
    if as_json or as_csv:
        print_json(found) if as_json else print_csv(in_rows(found))
        return
    for title in ("versions", "machine", "folders"):
        table = Table(box=None, show_header=False)
        for name, value in found[title].items():
            table.add_row(name, "not installed" if value is None else str(value))
        console.print(title)
        console.print(table)
    console.print("extras")
    for name, extra in found["extras"].items():
        if extra["missing"]:
            what = f" ({extra['adds']})" if extra["adds"] else ""
            say(f' {name}: pip install "mvtheory[{name}]" adds {", ".join(extra["missing"])}{what}')
        else:
            console.print(f" {name}: installed")


def examination() -> dict[str, Any]:
    """All that `doctor` says, as plain data.

    Returns
    -------
    dict
        "versions" by distribution, None for what is not installed; "machine", with the devices
        that torch sees, BLAS and what limits its threads; "folders"; "extras", each with
        "missing", the distributions that it would add, and "adds", what for.

    Examples
    --------
    >>> import numpy as np
    >>> found = examination()
    >>> found["versions"]["numpy"] == np.__version__, sorted(found["extras"]["files"])
    (True, ['adds', 'missing'])
    """
    return {
        "versions": _versions(),
        "machine": {
            "system": platform.platform(),
            "processor": f"{platform.machine()}, {os.cpu_count()} cores",
            "BLAS": _blas(),
            "threads": ", ".join(f"{n}={os.environ[n]}" for n in THREADS if n in os.environ)
            or "not limited",
            "devices": ", ".join(devices()),
        },
        "folders": _folders(),
        "extras": {
            extra: {"missing": extras.lacking(extra), "adds": extras.ADDS.get(extra, "")}
            for extra in extras.requirements()
            if extra
        },
    }


def devices() -> list[str]:
    """Where networks can be trained: the CPU, and the GPUs that an installed torch sees."""
    if "torch" in extras.lacking("validation"):
        return ["CPU (GPUs: torch is not installed)"]
    try:
        told = subprocess.run(
            [sys.executable, "-c", DEVICES], capture_output=True, text=True, timeout=SECONDS
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return [f"CPU (GPUs: torch was not to be asked, {type(error).__name__})"]
    if told.returncode:
        last = (told.stderr.strip().splitlines() or ["no reason given"])[-1]
        return [f"CPU (GPUs: torch cannot be loaded, {last})"]
    return ["CPU", *told.stdout.split("\n")[:-1]] if told.stdout.strip() else ["CPU"]


def _versions() -> dict[str, str | None]:
    known: dict[str, str | None] = {
        "mvtheory": f"{mvtheory.__version__} in {Path(__file__).parent}",
        "python": f"{platform.python_version()} ({platform.python_implementation()})",
    }
    names = (*extras.requirements()[""], *extras.requirements()["validation"])
    return known | {name: extras.version_of(name) for name in names}


def _blas() -> str:
    """What numpy multiplies matrices with."""
    import numpy as np

    told: Any = np.show_config(mode="dicts")
    blas = told.get("Build Dependencies", {}).get("blas", {})
    return " ".join(str(blas[key]) for key in ("name", "version") if key in blas) or "unknown"


def _folders() -> dict[str, str]:
    found = {"working folder": str(Path.cwd())}
    for name, what in FOLDERS.items():
        place = os.environ.get(name)
        there = "" if not place or Path(place).is_dir() else ", which is not there"
        found[name] = f"{place or 'not set'}{there} ({what})"
    return found

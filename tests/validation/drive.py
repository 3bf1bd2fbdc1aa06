"""Driver of the fault tests: python drive.py DIR PLAN.json PROCESSES; exits as the command does."""

import json
import os
import sys
from pathlib import Path
from typing import Any


def die(task: Any) -> None:
    """In place of `completing.compute`: as if killed for want of memory."""
    os._exit(9)


if __name__ == "__main__":
    # Not above: every worker imports this file again, and needs none of them.
    from validation.records.files import FolderError
    from validation.running.executors import processes, serial
    from validation.running.runner import run
    from validation.trial.plan import Plan

    folder, plan, workers = sys.argv[1:]
    pool = processes(int(workers)) if int(workers) > 1 else serial()
    try:
        run(Path(folder), Plan.of(json.loads(Path(plan).read_text())), pool)
    except (FolderError, ValueError) as error:
        print(error, file=sys.stderr)
        sys.exit(2)

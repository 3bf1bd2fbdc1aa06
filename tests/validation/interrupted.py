"""Driver of the tests of Ctrl-C: python interrupted.py MOMENTS ARGUMENTS of the command.

MOMENTS are "import:MODULE", with ":mvtheory" for that command, or any of "plan", "train", "report"
joined by "+": there the whole process group gets SIGINT, as from a terminal. Claims and networks
are as small as they can be.
"""

import os
import runpy
import signal
import sys
from dataclasses import replace
from typing import Any


def interrupt() -> None:
    os.killpg(0, signal.SIGINT)


class AtImport:
    """A finder that finds nothing, but is asked for every module."""

    def __init__(self, module: str):
        self.module = module

    def find_spec(self, name: str, *_: Any) -> None:
        if name == self.module:
            self.module = ""
            interrupt()


def before(function: Any, calls: int = 1) -> Any:
    """The function, interrupted at the start of one call of it."""
    left = calls

    def interrupted(*arguments: Any) -> Any:
        nonlocal left
        left -= 1
        if left == 0:
            interrupt()
        return function(*arguments)

    return interrupted


def small() -> Any:
    """The command on the lottery's claims, six replicates of 40 steps at the first look."""
    from validation import command
    from validation.claims import CLAIMS
    from validation.experiments.lottery import setting as lottery
    from validation.trial import plan

    (setting,) = lottery.settings("smoke")
    short = setting.shortened(40)
    command.CLAIMS = {
        name: replace(CLAIMS[name], settings=lambda preset: (short,))
        for name in ("single-view", "winner")
    }
    plan.TARGETS["quick"] = 0.0
    return command


if __name__ == "__main__":
    # Ignored where the tests run in the background; as from a terminal here.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    moments = sys.argv.pop(1)
    if moments.startswith("import:"):
        _, module, *program = moments.split(":")
        sys.meta_path.insert(0, AtImport(module))
        runpy.run_module((program or ["validation"])[0], run_name="__main__", alter_sys=True)
        sys.exit("not reached")
    from mvtheory.interrupt import guarded

    def load() -> Any:
        from validation.report import page as report
        from validation.report import terminal
        from validation.running import completing
        from validation.trial import plan

        command = small()
        for moment in moments.split("+"):
            if moment == "plan":
                plan.design = before(plan.design)
            elif moment == "train":
                # Stored is what the driver does with a shard, wherever it was computed.
                completing._store = before(completing._store, calls=3)
            elif moment == "report":
                report.write_report = before(report.write_report)
                terminal.write_report = before(terminal.write_report)
        return command.main

    sys.exit(guarded("validation", load))

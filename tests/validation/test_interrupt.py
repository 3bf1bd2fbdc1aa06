"""Ctrl-C at any moment: one line, exit code 130, nothing lost; and a second Ctrl-C.

Every test sends SIGINT to a whole process group at a fixed place, as a terminal does.
"""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from mvtheory import interrupt
from validation.records import shards

DRIVER = Path(__file__).with_name("interrupted.py")
PATIENCE = 300
"""Seconds; only a hang takes so long."""


def drive(moments: str, *arguments: str) -> tuple[int, str, str]:
    """Exit code and what was printed; afterwards nothing of the process group is left."""
    process = subprocess.Popen(
        [sys.executable, str(DRIVER), moments, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    out, errors = process.communicate(timeout=PATIENCE)
    end = time.monotonic() + PATIENCE
    while group := [p for p in psutil.process_iter() if group_of(p.pid) == process.pid]:
        assert time.monotonic() < end, f"left behind: {group}"
        time.sleep(0.05)
    return process.returncode, out, errors


def group_of(pid: int) -> int | None:
    try:
        return os.getpgid(pid)
    except ProcessLookupError:
        return None


@pytest.mark.parametrize(
    ("module", "arguments"),
    [
        ("numpy", ["list"]),
        ("typer", ["list"]),
        ("scipy.special", ["run"]),
        ("validation.trial.plan", ["run"]),
        ("scipy.linalg", ["run"]),
        ("validation.running.runner", ["run"]),
        ("validation.records.conclusion", ["report", "OUT"]),
        ("validation.claims", ["--help"]),
        ("rich.progress", ["calibrate"]),
        ("torch", ["run", "--dry-run"]),
    ],
)
def test_while_it_imports(module, arguments, tmp_path):
    arguments = [str(tmp_path / "out") if a == "OUT" else a for a in arguments]
    code, out, errors = drive(f"import:{module}", *arguments)
    assert (code, errors) == (130, "validation: stopped\n")
    # A run of all claims says first which of them cost too much for it.
    assert re.fullmatch(r"(Left out, for what they cost at quick: .*\n)?", out)
    assert list(tmp_path.iterdir()) == []


def test_while_it_imports_torch_after_its_first_words(tmp_path):
    code, out, errors = drive("import:torch", "run", "winner", "--out", str(tmp_path))
    assert (code, errors) == (130, "validation: stopped\n")
    assert out.startswith("Plan ")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("module", "arguments"),
    [
        ("mvtheory.cli", ["list"]),
        ("rich.console", ["list"]),
        ("mvtheory.race", ["list"]),
        ("sympy", ["show", "ensemble"]),
        ("mpmath", ["predict", "norm_bound", "relative_norm=20", "condition=10", "rounds=3"]),
    ],
)
def test_while_the_theory_s_command_imports(module, arguments):
    code, _, errors = drive(f"import:{module}:mvtheory", *arguments)
    assert (code, errors) == (130, "mvtheory: stopped\n")


@pytest.mark.parametrize("pool", [[], ["--processes", "2"], ["--dry-run"]])
def test_while_it_plans(pool, tmp_path):
    code, out, errors = drive("plan", "run", "--out", str(tmp_path / "out"), *pool)
    assert (code, out, errors) == (130, "", "validation: stopped\n")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "pool",
    [
        [],
        pytest.param(["--processes", "2"], marks=pytest.mark.slow),
        pytest.param(["--workers", "1"], marks=pytest.mark.slow),
    ],
)
def test_while_it_trains(pool, tmp_path):
    """While the third shard is stored: it is kept too."""
    code, out, errors = drive("train", "run", "--out", str(tmp_path), *pool)
    assert (code, errors) == (130, "")
    assert f"finished replicates are kept in {tmp_path}. The same command goes on" in out
    assert f"Report so far: {tmp_path / 'report.html'}" in out
    assert len(shards.shard_paths(tmp_path)) >= 3
    assert not list(tmp_path.rglob(".*"))


def test_while_it_writes_the_report(tmp_path):
    code, out, errors = drive("report", "run", "--out", str(tmp_path))
    assert (code, errors) == (130, "")
    assert out.endswith(
        f"all is measured and kept: `python -m validation report {tmp_path}` reports on it.\n"
    )
    assert not (tmp_path / "report.html").exists()
    remedy = [sys.executable, "-m", "validation", "report", str(tmp_path)]
    assert subprocess.run(remedy, stdout=subprocess.DEVNULL).returncode == 0
    assert (tmp_path / "report.html").exists()


@pytest.mark.parametrize("command", ["report", "claims"])
def test_while_it_reports_anew(command, tmp_path):
    """No run is there: it is interrupted before it could say so."""
    module = {"report": "page", "claims": "claims_table"}[command]
    code, out, errors = drive(f"import:validation.report.{module}", command, str(tmp_path))
    assert (code, "Traceback" in out + errors) == (130, False)
    assert len((out + errors).splitlines()) == 1


@pytest.mark.parametrize("pool", [[], pytest.param(["--processes", "2"], marks=pytest.mark.slow)])
def test_a_second_one_ends_it_at_once(pool, tmp_path):
    """The first while it trains, the second while it reports on what is there."""
    code, out, errors = drive("train+report", "run", "--out", str(tmp_path), *pool)
    assert (code, errors) == (130, "validation: stopped\n")
    assert "finished replicates are kept" in out
    assert "Report so far" not in out
    assert len(shards.shard_paths(tmp_path)) >= 3
    # The same command goes on, past what was left half-done.
    code, out, errors = drive("never", "run", "--out", str(tmp_path))
    assert (code, errors) == (3, "")
    assert f"Report: {tmp_path / 'report.html'}" in out


def test_where_it_was_ignored_it_stays_ignored():
    code = (
        "import os, signal; from mvtheory.interrupt import guarded;"
        "raise SystemExit(guarded('x', lambda: lambda: os.kill(os.getpid(), signal.SIGINT) or 7))"
    )
    script = f"trap '' INT; exec {sys.executable} -c \"$CODE\""
    done = subprocess.run(["sh", "-c", script], env=os.environ | {"CODE": code})
    assert done.returncode == 7


def test_a_caller_keeps_its_own_handler():
    """Only `guarded` changes it: commands called from Python leave Ctrl-C as it was."""
    before = signal.getsignal(signal.SIGINT)
    with interrupt.raised():
        assert signal.getsignal(signal.SIGINT) is before
    assert signal.getsignal(signal.SIGINT) is before

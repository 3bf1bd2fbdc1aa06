"""Faults, with real processes: whatever is killed or full, finished shards stay and agree.

The moments of the kills are random; SEED can be set to repeat a failing run.
"""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import psutil
import pytest
from drive import die

from validation.records import journal
from validation.records.conclusion import conclude
from validation.running import completing, runner

DRIVER = Path(__file__).with_name("drive.py")
SEED = int(os.environ.get("SEED", time.time_ns() % 10**6))
PATIENCE = 300
"""Seconds; only a hang takes so long."""


@pytest.fixture(scope="module")
def plan_file(tmp_path_factory, slow_plan) -> Path:
    path = tmp_path_factory.mktemp("plan") / "plan.json"
    path.write_text(slow_plan.text)
    return path


@pytest.fixture(scope="module")
def serial_digest(tmp_path_factory, slow_plan) -> str:
    out = tmp_path_factory.mktemp("serial")
    runner.run(out, slow_plan)
    return conclude(out).digest


@pytest.fixture
def moment():
    print(f"SEED={SEED}")
    return random.Random(SEED)


def drive(out: Path, plan_file: Path, workers: int) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, str(DRIVER), str(out), str(plan_file), str(workers)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def shards(out: Path) -> dict[str, int]:
    return {p.name: p.stat().st_mtime_ns for p in (out / "shards").glob("*.parquet")}


def wait_for(condition, what: str) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, f"waited {PATIENCE} s for {what}"
        time.sleep(0.01)


def workers_of(driver: subprocess.Popen) -> list[psutil.Process]:
    """Worker processes, not the helpers of multiprocessing."""
    return [
        child
        for child in psutil.Process(driver.pid).children()
        if "spawn_main" in " ".join(child.cmdline())
    ]


def computed(out: Path) -> Counter:
    """How often each shard was computed and stored, by the log."""
    return Counter(e["key"] for e in journal.events(out) if e["event"] == "shard")


@pytest.mark.slow
def test_two_workers_killed(tmp_path, plan_file, serial_digest, moment):
    driver = drive(tmp_path, plan_file, workers=2)
    for count in (moment.randint(0, 4), moment.randint(5, 9)):
        wait_for(lambda count=count: len(shards(tmp_path)) >= count, f"{count} shards")
        time.sleep(moment.uniform(0, 0.2))
        wait_for(lambda: workers_of(driver), "workers")
        moment.choice(workers_of(driver)).send_signal(signal.SIGKILL)
    _, errors = driver.communicate(timeout=PATIENCE)
    assert driver.returncode == 0, errors
    results = conclude(tmp_path)
    assert results.digest == serial_digest
    lost = [event for event in journal.events(tmp_path) if event["event"] == "workers lost"]
    assert 1 <= len(lost) <= 2
    assert all(event["in_flight"] <= 2 for event in lost)
    assert set(computed(tmp_path).values()) == {1}  # nothing finished was computed again


def test_driver_killed_and_resumed(tmp_path, plan_file, serial_digest, moment):
    for count in (moment.randint(1, 4), moment.randint(6, 9)):
        driver = drive(tmp_path, plan_file, workers=2)
        wait_for(lambda count=count: len(shards(tmp_path)) >= count, f"{count} shards")
        time.sleep(moment.uniform(0, 0.2))
        workers = workers_of(driver)
        driver.send_signal(signal.SIGKILL)
        driver.communicate()
        gone, alive = psutil.wait_procs(workers, timeout=30)
        assert gone, "there were workers"
        assert not alive, "workers outlived their driver"
    before = shards(tmp_path)
    assert 6 <= len(before) < 16
    driver = drive(tmp_path, plan_file, workers=2)
    _, errors = driver.communicate(timeout=PATIENCE)
    assert driver.returncode == 0, errors
    assert conclude(tmp_path).digest == serial_digest
    after = shards(tmp_path)
    assert {name: after[name] for name in before} == before
    # A kill between a shard's line in the log and its renaming has it computed again.
    assert sum(computed(tmp_path).values()) <= 16 + 2
    assert len(computed(tmp_path)) == 16
    assert conclude(tmp_path).deviations == []
    assert not list(tmp_path.rglob(".*.part"))


@pytest.mark.slow
def test_a_second_run_on_a_folder_is_refused_and_a_killed_one_leaves_no_lock(
    tmp_path, plan_file, serial_digest
):
    first = drive(tmp_path, plan_file, workers=1)
    wait_for(lambda: shards(tmp_path), "a shard")
    second = drive(tmp_path, plan_file, workers=1)
    _, errors = second.communicate(timeout=PATIENCE)
    assert second.returncode == 2
    assert f"is in use by another run (process {first.pid} on " in errors
    first.send_signal(signal.SIGKILL)
    first.communicate()
    third = drive(tmp_path, plan_file, workers=1)
    _, errors = third.communicate(timeout=PATIENCE)
    assert third.returncode == 0, errors
    results = conclude(tmp_path)
    assert results.digest == serial_digest
    assert results.deviations == []
    assert not list(tmp_path.rglob(".*.part"))


def private_mount() -> list[str]:
    """A command prefix in which file systems may be mounted, or a skip."""
    prefix = ["unshare", "--user", "--map-root-user", "--mount"]
    if not shutil.which("unshare"):
        pytest.skip("no unshare: cannot mount a small disk")
    probe = ["sh", "-c", "mount -t tmpfs none /mnt"]
    for candidate in (prefix, ["unshare", "--mount"]):
        if subprocess.run([*candidate, *probe], capture_output=True).returncode == 0:
            return candidate
    pytest.skip("not allowed to mount a small disk here")


def run_on_disk(script: str, disk: Path, plan_file: Path) -> subprocess.CompletedProcess:
    environment = os.environ | {"DISK": str(disk), "PLAN": str(plan_file)}
    drive_it = f"{sys.executable} {DRIVER} $DISK/out $PLAN"
    # Shards are in flight when the disk fails; it is the driver that writes, and that resumes.
    script = script.replace("DRIVE", f"{drive_it} 2").replace("RESUME", f"{drive_it} 1")
    return subprocess.run(
        [*private_mount(), "sh", "-c", script],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        env=environment,
    )


def saved_digest(disk: Path) -> str:
    """Of the results that a script copied off the disk, which is gone with its mount."""
    return conclude(Path(f"{disk}-saved") / "out").digest


@pytest.mark.slow
def test_a_full_disk_is_said_and_the_folder_resumes(tmp_path, plan_file, serial_digest):
    """A disk with room for some shards; then space is freed and the same command goes on."""
    done = run_on_disk(
        "mount -t tmpfs -o size=600k tmpfs $DISK && head -c 480k /dev/zero > $DISK/ballast;"
        "DRIVE; echo first $?; ls $DISK/out/shards | wc -l; find $DISK/out -name '.*' | wc -l;"
        "rm $DISK/ballast; RESUME; echo second $?;"
        "mkdir $DISK-saved && cp -r $DISK/out $DISK-saved",
        tmp_path,
        plan_file,
    )
    first, kept, hidden, second = done.stdout.split("\n")[:4]
    assert first == "first 2", done.stderr
    assert 0 < int(kept) < 16
    assert int(hidden) == 0
    assert "No space left on device" in done.stderr
    assert "free space on that disk, then run the same command again" in done.stderr
    assert "Traceback" not in done.stderr
    assert second == "second 0", done.stderr
    assert saved_digest(tmp_path) == serial_digest


@pytest.mark.slow
def test_a_folder_that_turns_unwritable_is_said_and_resumes(tmp_path, plan_file, serial_digest):
    """That of the shards: the run's lock keeps the disk as a whole from being made read-only."""
    done = run_on_disk(
        "mount -t tmpfs tmpfs $DISK;"
        "(while [ $(ls $DISK/out/shards 2>/dev/null | grep -c parquet) -lt 3 ]; do sleep .05; done;"
        " mount --bind $DISK/out/shards $DISK/out/shards;"
        " mount -o remount,ro,bind $DISK/out/shards) & "
        "DRIVE; echo first $?; wait; umount $DISK/out/shards; ls $DISK/out/shards | wc -l;"
        "RESUME; echo second $?; mkdir $DISK-saved && cp -r $DISK/out $DISK-saved",
        tmp_path,
        plan_file,
    )
    first, kept, second = done.stdout.split("\n")[:3]
    assert first == "first 2", done.stderr
    assert 3 <= int(kept) < 16
    assert "Read-only file system" in done.stderr
    assert "a folder that you may write to" in done.stderr
    assert "Traceback" not in done.stderr
    assert second == "second 0", done.stderr
    assert saved_digest(tmp_path) == serial_digest


def test_workers_that_always_die_end_the_run_with_advice(tmp_path, slow_plan, monkeypatch):
    from validation.running import executors

    monkeypatch.setattr(completing, "compute", die)
    with pytest.raises(executors.WorkersLostError, match=r"died 5 times.*use fewer workers"):
        runner.run(tmp_path, slow_plan, executors.processes(1))


@pytest.mark.slow
def test_a_dask_worker_killed(tmp_path, slow_plan, serial_digest):
    """The cluster starts the shard again elsewhere; results are those of the serial run."""
    script = (
        "import json, sys\n"
        "from pathlib import Path\n"
        "if __name__ == '__main__':\n"
        "    from validation.running import cluster, runner\n"
        "    from validation.trial.plan import Plan\n"
        "    plan = Plan.of(json.loads(Path(sys.argv[2]).read_text()))\n"
        "    with cluster.cluster(workers=2) as pool:\n"
        "        runner.run(Path(sys.argv[1]), plan, pool)\n"
    )
    (tmp_path / "dask_drive.py").write_text(script)
    (tmp_path / "plan.json").write_text(slow_plan.text)
    out = tmp_path / "out"
    driver = subprocess.Popen(
        [sys.executable, str(tmp_path / "dask_drive.py"), str(out), str(tmp_path / "plan.json")],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    wait_for(lambda: len(shards(out)) >= 2, "2 shards")
    workers_of(driver)[0].send_signal(signal.SIGKILL)
    assert driver.wait(PATIENCE) == 0
    assert conclude(out).digest == serial_digest
    assert set(computed(out).values()) == {1}

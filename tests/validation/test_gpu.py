"""The programme for a GPU, tiny on a CPU: each part, stopped and continued, and what it refuses."""

import json
import subprocess
import sys
from itertools import chain, repeat
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from validation.gpu import job as jobs
from validation.gpu import paths, smoke
from validation.gpu.claims import patch_claims
from validation.gpu.command import main
from validation.gpu.images import packed, unpacked
from validation.gpu.job import Job
from validation.gpu.paths import Path
from validation.gpu.rounding import apart, of_gates
from validation.gpu.stacks import Pace, go_through, measured

pytestmark = pytest.mark.usefixtures("one_thread")


def call(part, out, *more):
    return main([part, "--device", "cpu", "--tiny", "--out", str(out), *more])


def contents(folder):
    return {p.relative_to(folder): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def stop_at(monkeypatch, number):
    """Ctrl-C as the file of this number is to be written."""
    write, count = jobs.files.write, iter(range(1, 1000))

    def once(path, content):
        if next(count) == number:
            raise KeyboardInterrupt
        write(path, content)

    monkeypatch.setattr(jobs.files, "write", once)


@pytest.mark.parametrize(
    ("part", "stop", "files"), [("smoke", 9, 26), ("speed", 2, 2), ("images", 3, 11)]
)
def test_a_part_goes_on_where_it_was_stopped(part, stop, files, tmp_path, monkeypatch, capsys):
    with monkeypatch.context() as patch:
        stop_at(patch, stop)
        assert call(part, tmp_path) == 130
    assert "has what is finished" in capsys.readouterr().out
    before = contents(tmp_path)
    assert len(before) == stop - 1
    assert call(part, tmp_path) == 0
    after = contents(tmp_path)
    assert len(after) == files
    assert all(after[name] == content for name, content in before.items())
    # All is done: nothing is trained again, here or where an earlier folder has it.
    for name in ("tried", "measured"):
        module = "smoke" if name == "tried" else "speed"
        monkeypatch.setattr(f"validation.gpu.{module}.{name}", None)
    monkeypatch.setattr("validation.gpu.stacks.measured", None)
    elsewhere = tmp_path / "new"
    assert call(part, elsewhere, "--earlier", str(tmp_path)) == 0
    assert all(path.name.endswith(".json") for path in contents(elsewhere))


def test_stopped_networks_end_as_if_never_stopped(tmp_path, monkeypatch):
    """In other stacks, that is up to rounding, and stored in steps of 1/32."""
    assert call("images", tmp_path / "whole") == 0
    with monkeypatch.context() as patch:
        stop_at(patch, 2)
        assert call("images", tmp_path / "parts") == 130
    assert call("images", tmp_path / "parts") == 0
    for number in range(4):
        name = f"images/drawn-figures/network-{number:03d}.npz"
        whole, parts = (
            unpacked(np.load(tmp_path / kind / name)["planes"]) for kind in ("whole", "parts")
        )
        np.testing.assert_allclose(parts, whole, atol=1 / 32 + 1e-6)
        assert np.ptp(whole) > 1
    summary = json.loads((tmp_path / "parts/images/drawn-figures.json").read_text())
    assert len(summary["ensemble accuracy by size"]) == summary["networks"] == 4


def test_claims_go_on_and_are_not_returned_twice(tmp_path, monkeypatch, capsys):
    def once():
        """Time for what is begun first, however busy the machine is."""
        readings = chain([0.0], repeat(float("inf")))
        clock = SimpleNamespace(monotonic=lambda: next(readings))
        monkeypatch.setattr("validation.running.completing.time", clock)

    def shards(folder):
        return {path.name for path in (folder / "claims" / "shards").glob("*.parquet")}

    once()
    assert call("claims", tmp_path / "one") == 3
    assert "left: claims without a verdict" in capsys.readouterr().out
    assert len(shards(tmp_path / "one")) == 1
    earlier = "--earlier", str(tmp_path / "one")
    once()
    assert call("claims", tmp_path / "two", *earlier) == 3
    assert len(shards(tmp_path / "two")) == 1
    assert not shards(tmp_path / "one") & shards(tmp_path / "two")
    assert (tmp_path / "two/claims/report.html").exists()


def test_claims_are_those_on_patch_networks():
    names = patch_claims()
    assert {"single-view", "ensemble-distillation", "summed-views", "phase-diagram"} <= set(names)
    assert not {"image-ensemble", "h-spectrum", "random-features"} & set(names)


@pytest.mark.parametrize("part", ["smoke", "speed", "images"])
def test_without_time_nothing_is_begun(part, tmp_path, capsys):
    assert call(part, tmp_path, "--minutes", "1e-9") == 3
    assert "left: " in capsys.readouterr().out
    assert not contents(tmp_path)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_without_a_gpu_one_line_says_so(tmp_path):
    command = [sys.executable, "-m", "validation.gpu", "smoke", "--out", str(tmp_path / "none")]
    run = subprocess.run(command, capture_output=True, text=True)
    assert run.returncode == 2
    assert run.stderr.count("\n") == 1
    assert "torch sees no CUDA GPU" in run.stderr
    assert not (tmp_path / "none").exists()


def test_what_cannot_be_is_refused(tmp_path, monkeypatch, capsys):
    monkeypatch.delenv("MVTHEORY_DATA", raising=False)
    wrong = {
        "folder is not given for cifar-10": ["images"],
        "minutes='0' is not allowed": ["smoke", "--minutes", "0"],
        "earlier=": ["smoke", "--earlier", str(tmp_path / "nowhere")],
        "no-part": ["no-part"],
    }
    for message, arguments in wrong.items():
        assert main([*arguments, "--device", "cpu", "--out", str(tmp_path / "out")]) == 2
        error = capsys.readouterr().err
        assert message in error
        assert error.count("\n") == 1
    assert not (tmp_path / "out" / "images").exists()


# What is off, and what fails.


def test_a_path_that_is_off_or_fails_is_told(tmp_path, monkeypatch, capsys):
    def trained(shift):
        calls = iter([0.0, shift])  # the CPU's, then the device's

        def run(device, compiled):
            end = np.ones(4, np.float32) + next(calls)
            return [np.zeros(4, np.float32)], [end.astype(np.float32)]

        return run

    def broken(device, compiled):
        raise RuntimeError("no kernel\nfor this card")

    given = [
        Path("near", trained(1e-4), 1e-3), Path("far", trained(1e-2), 1e-3),
        Path("lost", trained(float("nan")), 1e-3), Path("broken", broken, 1e-3),
    ]  # fmt: skip
    monkeypatch.setattr(paths, "paths", lambda: given)
    monkeypatch.setattr(smoke.image_paths, "paths", list)
    assert call("smoke", tmp_path) == 1
    said = capsys.readouterr().out
    assert "near, eager: ok (1.0e-04 of the way, 1.0e-03 allowed)" in said
    assert "far, eager: off by 1.0e-02 of the way" in said
    assert "lost, eager: off by inf" in said
    assert "broken, eager: failed (RuntimeError: no kernel for this card)" in said
    # What was not ok is tried again.
    monkeypatch.setattr(paths, "paths", lambda: [Path("far", trained(1e-4), 1e-3)])
    assert call("smoke", tmp_path) == 0


def test_turned_gates_set_gradients_apart_as_reckoned():
    """Simulated for one layer: inputs of deviation 1, rounded with deviation `off`."""
    rng = np.random.default_rng(0)
    off, samples = 2.0**-7, 2_000_000
    before = rng.standard_normal(samples)
    after = before + off * rng.standard_normal(samples)
    values = rng.standard_normal(samples)
    one, other = values * (before > 0), values * (after > 0)
    measured_ = np.linalg.norm(one - other) / np.linalg.norm(one)
    # Some 5000 gates turn: their share is known to 1.4 %, its root to 0.7 %.
    assert of_gates(off, 1, 1) / 1.5 == pytest.approx(measured_, rel=0.05)
    assert apart([0 * values], [one], [other]) == pytest.approx(measured_)
    assert apart([values], [values], [one]) == float("inf")


# Stacks.


def test_stacks_fit_the_time_and_the_memory():
    pace = Pace(alone=10, most=9, stacked=50)
    assert [pace.seconds(n) for n in (1, 5, 9)] == [10, 30, 50]
    assert [pace.at_once(9, left) for left in (11.0, 11.6, 34.6, 60, 1e9)] == [0, 1, 5, 9, 9]
    assert pace.at_once(3, 1e9) == 3
    assert Pace(10, 9, 100).at_once(9, 1e9) == 1  # one after another is faster
    assert pace.halved() == Pace(10, 4, 25)


def test_too_little_memory_halves_stacks(tmp_path, capsys):
    job, done = Job(tmp_path, device="cpu"), []

    def probe(networks):
        if networks > 16:
            raise torch.OutOfMemoryError("of the card")
        return 0.1

    def work(numbers):
        if len(numbers) > 6:
            raise torch.OutOfMemoryError("of the card")
        done.append(list(numbers))

    assert measured(probe, 40) == Pace(0.1, 16, 0.1)
    assert go_through(job, "networks", range(10), probe, work, 1) == []
    assert [len(own) for own in done] == [5, 5]
    assert [number for own in done for number in own] == list(range(10))
    assert "memory does not hold 10 networks at once: 5 from here on" in capsys.readouterr().out
    with pytest.raises(MemoryError, match="for one network alone"):
        measured(lambda networks: probe(17), 8)


def test_a_call_writes_no_more_than_comes_back(tmp_path, monkeypatch):
    monkeypatch.setattr(jobs, "RETURNED", 1000)
    job = Job(tmp_path, device="cpu")

    def work(numbers):
        for number in numbers:
            job.write(str(number), bytes(300))

    assert go_through(job, "networks", range(8), lambda n: 0.1 + n, work, 300) == [3, 4, 5, 6, 7]
    assert len(contents(tmp_path)) == 3
    assert not list(tmp_path.glob(".*"))


def test_stored_logits_keep_what_is_asked_of_them():
    """As of trained networks, 100 of them in 16 MB, with the right answers and the shares."""
    rng = np.random.default_rng(0)
    labels = rng.integers(10, size=10_000)
    logits = (2.5 * rng.standard_normal((10_000, 10)) - 1).astype(np.float32)
    logits[np.arange(10_000), labels] += 10
    planes = packed(logits)
    back = unpacked(planes)
    centred = logits - logits.mean(1, keepdims=True)
    # Half a step, and beyond 32, where float16 has steps of 1/32, no more.
    assert np.abs(back - centred).max() <= 2.0**-6 + 1e-5
    job_size = len(compressed(planes))
    assert 100 * job_size < 15e6


def compressed(planes):
    import io

    file = io.BytesIO()
    np.savez_compressed(file, planes=planes)
    return file.getvalue()

"""A run from the command to the report, small; and what interrupts or spoils one."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from validation import __main__ as command
from validation import store
from validation.experiments import CLAIMS, lottery
from validation.experiments.lottery import Measured
from validation.report import write_report
from validation.runner import resolve_device, run_claims


def run(out: Path, claims=("single-view", "ensemble-coverage", "winner"), seed: int = 3) -> dict:
    steps = []
    chosen = [CLAIMS[name] for name in claims]
    results = run_claims(
        chosen, "smoke", "cpu", seed, out, lambda label, done, total: steps.append((done, total))
    )
    assert sum(done for done, _ in steps) == steps[-1][1]
    return results


@pytest.fixture(scope="module")
def finished(tmp_path_factory) -> tuple[Path, dict]:
    out = tmp_path_factory.mktemp("run")
    return out, run(out)


def plain(results: dict) -> list:
    """What must not depend on when and how fast the run was."""
    return [{k: v for k, v in claim.items() if k != "seconds"} for claim in results["claims"]]


def test_results_hold_every_network_and_the_prediction(finished):
    out, results = finished
    assert json.loads((out / "results.json").read_text()) == json.loads(json.dumps(results))
    (setting,) = lottery.settings("smoke")
    (study,) = results["measured"]
    assert len(study["networks"]) == setting.sets * setting.networks
    for network in study["networks"]:
        assert 0 <= network["training_accuracy"] <= 1
        assert len(network["strength"]) == setting.data.classes
    assert len({tuple(n["seed"]) for n in study["networks"]}) == len(study["networks"])
    by_name = {claim["name"]: claim for claim in results["claims"]}
    coverage = by_name["single-view"]["comparisons"][0]["expectation"]
    assert coverage["predicted"] == 0.5
    assert coverage["low"] == pytest.approx(0.45)
    sizes = [c["expectation"]["x"] for c in by_name["ensemble-coverage"]["comparisons"]]
    assert sizes == list(range(1, 11))
    # The mean over single networks is the ensemble of one.
    assert by_name["single-view"]["comparisons"][0]["observed"] == pytest.approx(
        by_name["ensemble-coverage"]["comparisons"][0]["observed"]
    )


def test_networks_learn_what_the_theory_says_they_do(finished):
    """Not a verdict: with 8 lotteries, far from 1/2 means the training is broken."""
    _, results = finished
    networks = results["measured"][0]["networks"]
    mean = sum(n["coverage_by_weights"] for n in networks) / len(networks)
    # 80 classes of which each knows one view or, in few, two: 1 view at least in nearly all.
    assert 0.45 < mean < 0.7
    assert min(n["training_accuracy"] for n in networks) > 0.95
    right = sum(n["winner_right"] for n in networks) / len(networks)
    # Guessing calls half of 80 races; five standard deviations above it are .78.
    assert right > 0.78


def test_the_report_stands_alone(finished):
    out, results = finished
    page = write_report(out).read_text(encoding="utf-8")
    for claim in results["claims"]:
        assert claim["statement"].split(":")[0][:40] in page
        assert claim["verdict"] in page
    assert "the asymptotic value itself" in page.lower()
    assert page.count("<svg") >= 3 + 4  # a figure a claim, and the equations
    loaded = re.findall(r"""(?:src|href)=["']([^"'#][^"']*)""", page)
    assert not loaded, "the page must not load anything"
    assert {p.stem for p in (out / "figures").glob("*.svg")} == set(CLAIMS)
    assert page == write_report(out).read_text(encoding="utf-8")


def test_the_same_seed_gives_the_same_numbers_and_another_seed_others(finished, tmp_path):
    _, results = finished
    assert plain(run(tmp_path / "again")) == plain(results)
    other = run(tmp_path / "other", seed=4)
    assert plain(other) != plain(results)


def test_finished_networks_are_kept_and_spoilt_files_are_measured_anew(finished, tmp_path):
    out, results = finished
    kept = tmp_path / "kept"
    (path,) = (out / "measured").glob("*.json")
    store.write(kept / "measured" / path.name, path.read_text())
    before = (kept / "measured" / path.name).stat().st_mtime_ns
    assert plain(run(kept)) == plain(results)
    assert (kept / "measured" / path.name).stat().st_mtime_ns == before
    for spoilt in (
        path.read_text()[:1000],
        "{}",
        "[1, 2]",
        path.read_text().replace('"seed": 3', '"seed": 9'),
    ):
        store.write(kept / "measured" / path.name, spoilt)
        assert plain(run(kept, claims=("winner",))) == plain(results)[2:]


def test_an_interrupted_run_keeps_what_was_finished(tmp_path, monkeypatch, capsys):
    """Ctrl-C while the second claim is judged: the first one is on disk, with its report."""
    smoke = lottery.settings("smoke")
    claims = {}
    for name in ("single-view", "winner"):
        claim = CLAIMS[name]
        values = {**claim.__dict__, "settings": lambda preset: smoke}
        claims[name] = type(claim)(**values)

    def interrupted(measured: Measured):
        raise KeyboardInterrupt

    claims["winner"] = type(claims["winner"])(
        **{**claims["winner"].__dict__, "observe": interrupted}
    )
    monkeypatch.setattr("validation.experiments.CLAIMS", claims)
    assert command.main(["run", "--out", str(tmp_path / "cut")]) == 130
    assert "Finished claims" in " ".join(capsys.readouterr().out.split())
    results = json.loads((tmp_path / "cut" / "results.json").read_text())
    assert [claim["name"] for claim in results["claims"]] == ["single-view"]
    assert (tmp_path / "cut" / "report.html").exists()
    assert not list((tmp_path / "cut").glob(".*"))


def test_write_leaves_the_old_file_when_it_fails(tmp_path, monkeypatch):
    file = tmp_path / "a.json"
    store.write_json(file, {"old": 1})
    with pytest.raises(ValueError, match="Out of range float"):
        store.write_json(file, {"new": float("nan")})
    monkeypatch.setattr("os.fsync", lambda _: (_ for _ in ()).throw(OSError(28, "No space left")))
    with pytest.raises(OSError, match="No space left"):
        store.write_json(file, {"new": 1})
    assert json.loads(file.read_text()) == {"old": 1}
    assert [p.name for p in tmp_path.iterdir()] == ["a.json"]


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (["run", "flying"], ["CLAIM='flying'", "single-view"]),
        (["run", "--preset", "huge"], ["huge", "quick"]),
        (["run", "--device", "cuda", "--out", "OUT"], ["device='cuda'", "--device auto"]),
        (["run", "--seed", "-1"], ["seed='-1'", "seed >= 0"]),
        (["run", "--seed", "x"], ["seed='x'", "seed >= 0"]),
        (["run", "--out", "/proc/none"], ["out='/proc/none'", "cannot be written"]),
        (["report", "no-such-folder"], ["DIR='no-such-folder'", "results.json"]),
        (["report"], ["DIR"]),
    ],
)
def test_errors_are_one_line_and_exit_code_2(arguments, parts, capsys, tmp_path, monkeypatch):
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    arguments = [str(tmp_path) if a == "OUT" else a for a in arguments]
    assert command.main(arguments) == 2
    captured = capsys.readouterr()
    assert captured.err.count("\n") == 1
    assert captured.err.startswith("validation: ")
    for part in parts:
        assert part in captured.err


def test_results_of_another_kind_are_refused(tmp_path):
    (tmp_path / "results.json").write_text('{"schema": 99}')
    with pytest.raises(ValueError, match="schema 99"):
        write_report(tmp_path)
    (tmp_path / "results.json").write_text('{"schema"')
    with pytest.raises(ValueError, match="is not JSON"):
        write_report(tmp_path)


def test_devices(monkeypatch):
    monkeypatch.setattr("torch.cuda.is_available", lambda: True)
    assert resolve_device("auto") == "cuda"
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    assert resolve_device("auto") == "cpu"


def test_list_as_a_module():
    run = subprocess.run(
        [sys.executable, "-m", "validation", "list"], capture_output=True, text=True, check=True
    )
    for name in CLAIMS:
        assert name in run.stdout

"""A run from the command to the report, small; any executor; what interrupts or spoils one."""

import io
import json
import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import by_hand
import numpy as np
import pytest
import torch

from mvtheory.console import plain_console
from validation import command, options
from validation.claims import CLAIMS
from validation.experiments.lottery import setting as lottery
from validation.records import journal, shards, tables
from validation.records.conclusion import conclude
from validation.report import progress, terminal
from validation.report.page import write_report
from validation.running import cluster, completing, executors, runner, task
from validation.running.cost import Estimate
from validation.running.watch import Watch
from validation.trial import identity, plan
from validation.trial.claim import Verdict


@pytest.fixture(scope="module")
def finished(tmp_path_factory, small_plan) -> Path:
    out = tmp_path_factory.mktemp("run")
    seen = []
    threads = torch.get_num_threads()
    watch = Watch()
    watch.advance = lambda *progress: seen.append(progress)
    runner.run(out, small_plan, watch=watch)
    assert torch.get_num_threads() == threads
    assert seen[0] == ("M = 2, K = 4", 0, 16)
    assert ("M = 2, K = 4", 16, 16) in [told[:3] for told in seen]
    assert all(told[3] > 0 for told in seen[1:])
    return out


@pytest.fixture
def trained(tmp_path, monkeypatch, lottery_claims):
    """The command with networks trained to the end, but few: six replicates at the first look."""
    (setting,) = lottery.settings("smoke")
    claims = {
        name: replace(claim, settings=lambda preset: (setting,))
        for name, claim in lottery_claims.items()
    }
    monkeypatch.setattr(command, "CLAIMS", claims)
    monkeypatch.setitem(plan.TARGETS, "quick", 0.0)
    return tmp_path / "out"


def test_results_hold_every_network_and_the_prediction(finished, small_plan):
    results = conclude(finished)
    (setting,) = small_plan.settings
    # Networks of 40 steps have learned nothing: the preconditions are missed, and it is said.
    assert {claim.verdict for claim in results.claims} == {"OUTSIDE ASSUMPTIONS"}
    assert results.replicates == {"M = 2, K = 4": 16}
    assert results.networks == {"M = 2, K = 4": 160}
    assert results.deviations == []
    frame = tables.read(finished, "networks")
    assert len(frame) == 16 * setting.plain["networks"]
    assert frame["training_accuracy"].between(0, 1).all()
    assert len({tuple(seed) for seed in frame["spawn_key"]}) == len(frame)
    by_name = {claim.name: claim for claim in results.claims}
    ensembles = by_name["ensemble-coverage"].comparisons
    assert [c.expectation.x for c in ensembles][:-1] == list(range(1, 11))
    # The mean over single networks is the ensemble of one.
    assert by_name["single-view"].comparisons[0].observed == pytest.approx(ensembles[0].observed)


def test_the_report_stands_alone_and_is_rebuilt_to_the_last_byte(finished, tmp_path):
    page = write_report(finished).read_text(encoding="utf-8")
    results = conclude(finished)
    names = {claim.name for claim in results.claims}
    assert len(names) == 3
    for claim in results.claims:
        assert claim.planned.statement.split(":")[0][:40] in page
        assert claim.verdict in page
    for part in (results.plan.name, results.digest, "No deviation", "Power analysis", "look 1"):
        assert part in page
    assert page.count("<svg") >= 3 + 4  # a figure a claim, and the equations
    loaded = re.findall(r"""(?:src|href)=["']([^"'#][^"']*)""", page)
    assert not loaded, "the page must not load anything"
    assert {p.stem for p in (finished / "figures").glob("*.svg")} == names
    raw = tmp_path / "raw"
    raw.mkdir()
    for name in ("plans", "shards"):
        shutil.copytree(finished / name, raw / name)
    shutil.copy(finished / "log.jsonl", raw)
    write_report(raw)
    files = ("report.html", *(f"tables/{t}.csv" for t in ("verdicts", "comparisons", "power")))
    for name in files:
        assert (raw / name).read_bytes() == (finished / name).read_bytes()


def test_the_table_of_claims_has_a_row_and_a_figure_for_each(finished, tmp_path, capsys):
    page = tmp_path / "docs" / "table.md"
    assert command.main(["claims", str(finished), "--out", str(page)]) == 0
    text = page.read_text(encoding="utf-8")
    results = conclude(finished)
    assert results.plan.name in text
    for claim in results.claims:
        assert f"| `{claim.name}` | **{claim.claim.title}.** " in text
        assert f"(table/{claim.name}.svg)" in text
        assert (tmp_path / "docs" / "table" / f"{claim.name}.svg").stat().st_size < 60_000
    assert "**OUTSIDE ASSUMPTIONS**" in text


def test_a_report_is_rebuilt_without_torch(finished):
    code = (
        "import sys; from pathlib import Path; from validation.report.page import write_report;"
        f"write_report(Path({str(finished)!r})); assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def same_results(out: Path, finished: Path) -> bool:
    return conclude(out).digest == conclude(finished).digest


def test_any_executor_gives_the_same_bits(finished, small_plan, tmp_path):
    with ThreadPoolExecutor(1) as own:
        runner.run(tmp_path / "own", small_plan, executors.executor(own, workers=1))
        assert own.submit(int).result() == 0  # it is left to its owner
    assert same_results(tmp_path / "own", finished)
    runner.run(tmp_path / "processes", small_plan, executors.processes(2))
    assert same_results(tmp_path / "processes", finished)


def test_who_has_workers_does_without_torch(small_plan, tmp_path):
    """Loaded in each, it is most of a process's memory."""
    plan_file = tmp_path / "plan.json"
    plan_file.write_text(small_plan.with_replicates([2]).text, encoding="utf-8")
    code = (
        "import json, sys; from pathlib import Path; from validation.running import executors\n"
        "from validation.running.runner import run; from validation.trial.plan import Plan\n"
        "out = Path(sys.argv[1]); own = Plan.of(json.loads((out / 'plan.json').read_text()))\n"
        "run(out / 'run', own, executors.processes(2), 'auto'); assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=True)
    assert len(list((tmp_path / "run" / "shards").iterdir())) == 2


@pytest.mark.filterwarnings("ignore")  # distributed closes sockets late
def test_a_dask_cluster_gives_the_same_bits(finished, small_plan, tmp_path):
    with cluster.cluster(workers=2) as pool:
        runner.run(tmp_path, small_plan, pool)
    assert same_results(tmp_path, finished)


@pytest.mark.filterwarnings("ignore")
def test_a_scheduler_that_does_not_answer(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(cluster, "PATIENCE", 1.0)
    arguments = ["run", "--scheduler", "tcp://127.0.0.1:9", "--out", str(tmp_path)]
    assert command.main(arguments) == 2
    assert "scheduler='tcp://127.0.0.1:9' does not answer" in capsys.readouterr().err


def test_curves_and_weights_only_when_asked(finished, small_plan, tmp_path):
    with pytest.raises(ValueError, match="table='weights' is not in"):
        tables.read(finished, "weights")
    few = small_plan.with_replicates([2])
    runner.run(tmp_path, few)
    assert not (tmp_path / "weights").exists()
    before = {p: p.stat().st_mtime_ns for p in (tmp_path / "shards").iterdir()}
    runner.run(tmp_path, few, keep=("curves", "weights"))
    assert {p: p.stat().st_mtime_ns for p in (tmp_path / "shards").iterdir()} == before
    weights, curves = tables.read(tmp_path, "weights"), tables.read(tmp_path, "curves")
    networks = tables.read(tmp_path, "networks")
    assert len(weights) == len(networks) == 20
    last = curves[curves["step"] == 40].reset_index(drop=True)
    first = curves[curves["step"] == 0].reset_index(drop=True)
    assert list(first["strength"]) == list(networks["initial_strength"])
    assert list(last["strength"]) == list(networks["strength"])
    trained = np.array(weights["trained"][0])
    classes, views = np.array(networks["strength"][0]).shape
    own = [trained[k, :, k * views : (k + 1) * views].max(0) for k in range(classes)]
    np.testing.assert_allclose(np.maximum(own, 0), networks["strength"][0], rtol=1e-6)
    # A third time nothing is trained.
    stamps = {p: p.stat().st_mtime_ns for p in (tmp_path / "weights").iterdir()}
    runner.run(tmp_path, few, keep=("weights",))
    assert {p: p.stat().st_mtime_ns for p in (tmp_path / "weights").iterdir()} == stamps


def test_another_seed_gives_other_numbers(finished, small_plan, tmp_path):
    runner.run(tmp_path, replace(small_plan.with_replicates([2]), seed=4))
    first = tables.read(finished, "networks").query("replicate < 2")
    other = tables.read(tmp_path, "networks")
    assert not (first["coverage"].to_numpy() == other["coverage"].to_numpy()).all()


def test_finished_shards_are_kept_and_spoilt_ones_computed_anew(finished, small_plan, tmp_path):
    out = tmp_path / "kept"
    shutil.copytree(finished, out)
    paths = sorted((out / "shards").glob("*.parquet"))
    before = {path: path.stat().st_mtime_ns for path in paths}
    runner.run(out, small_plan)
    assert {path: path.stat().st_mtime_ns for path in paths} == before
    paths[0].write_bytes(paths[0].read_bytes()[:500])
    paths[1].write_text("something else")
    assert "A result file is spoilt" in " ".join(conclude(out).deviations)
    runner.run(out, small_plan)
    changed = {path for path in paths if path.stat().st_mtime_ns != before[path]}
    assert changed == set(paths[:2])
    assert len(list((out / "set-aside").iterdir())) == 2
    assert same_results(out, finished)
    (deviation,) = conclude(out).deviations
    assert deviation.startswith("2 result files were spoilt, set aside and computed again")


@pytest.mark.parametrize("gone", [[0], [3], [15], [0, 1, 2, 9], list(range(1, 16))])
def test_what_is_there_is_counted_and_what_is_missing_is_named(
    gone, finished, small_plan, tmp_path
):
    """The first, one in between, the last, several, all but one."""
    out = tmp_path / "gaps"
    shutil.copytree(finished, out)
    (setting,) = small_plan.settings
    for replicate in gone:
        shards.shard_path(out, identity.key(setting.plain, small_plan.seed, replicate)).unlink()
    results, left = conclude(out), 16 - len(gone)
    assert results.replicates == {"M = 2, K = 4": left}
    assert results.networks == {"M = 2, K = 4": 10 * left}
    frame = tables.read(out, "networks")
    for claim in results.claims:
        assert (claim.verdict, claim.look) == ("INCONCLUSIVE", None)
        assert (claim.replicates, claim.planned.replicates[0]) == (left, 16)
        assert claim.missing == {"M = 2, K = 4": gone}
        assert {c.replicates for c in claim.comparisons} == {left}
        assert {c.verdict for c in claim.comparisons} == {"INCONCLUSIVE"}
    coverage = {c.name: c.comparisons for c in results.claims}["single-view"][0]
    assert coverage.observed == pytest.approx(frame["coverage"].mean(), rel=1e-12)
    page = write_report(out).read_text(encoding="utf-8")
    numbers = ", ".join(map(str, gone)) if len(gone) < 9 else "1 to 15"
    numbers = numbers.replace("0, 1, 2, 9", "0 to 2, 9")
    assert (
        f"Only {left} of the 16 planned replicates are finished; missing are {numbers} of "
        "M = 2, K = 4." in page
    )
    runner.run(out, small_plan)
    assert same_results(out, finished)


def test_a_folder_in_the_place_of_a_shard_is_set_aside(finished, small_plan, tmp_path):
    out = tmp_path / "folder"
    shutil.copytree(finished, out)
    path = shards.shard_paths(out)[0]
    path.unlink()
    path.mkdir()
    assert "a folder" in " ".join(conclude(out).deviations)
    runner.run(out, small_plan)
    assert same_results(out, finished)
    (deviation,) = conclude(out).deviations
    assert deviation.startswith("1 result files were spoilt, set aside")


NAMES = [
    "[bold]x[/bold]", "[/]", "a[b]c", "[link=x]", ":key:", "%s {0}", "a  b", "ends in [",
    "\\[red]", "with\ttab", "grün", b"\xff".decode("utf-8", "surrogateescape"),
    "/".join(["long"] * 40),
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_paths_are_shown_as_they_are(name, tmp_path, monkeypatch, capfdbinary):
    """Brackets and colons are no markup, spaces stay, and no terminal is too narrow."""
    path = tmp_path / name / "report.html"
    monkeypatch.setattr("validation.records.conclusion.conclude", lambda *given: None)
    monkeypatch.setattr(
        "validation.report.page.write_report", lambda folder, *given: folder / "report.html"
    )
    assert command.main(["report", str(path.parent)]) == 0
    shown = capfdbinary.readouterr().out
    # Tabs become spaces, and what is no text is written in hexadecimal.
    assert shown == f"Report: {path}\n".expandtabs().encode("utf-8", "backslashreplace")


@pytest.mark.parametrize("name", ["[bold]x", "[/]", ":key:"])
def test_an_interrupted_run_names_its_folder_as_it_is(name, trained, monkeypatch, capsys):
    monkeypatch.setattr(
        completing, "compute", lambda one: (_ for _ in ()).throw(KeyboardInterrupt())
    )
    out = trained.parent / name
    assert command.main(["run", "--out", str(out)]) == 130
    assert f"Stopped; 0 finished replicates are kept in {out}. The same" in capsys.readouterr().out


@pytest.mark.parametrize("words", ["T in [0, 1]", "[/]", "[red]x", ":warning: {task}"])
def test_bars_and_tables_show_words_as_they_are(words, small_plan, capsys, monkeypatch):
    assert list(progress.track(3, words)) == [0, 1, 2]
    assert words in capsys.readouterr().out
    named = replace(small_plan, claims=(replace(small_plan.claims[0], name=words),))
    label = "M = 2, K = 4"
    told = progress.Told(named, Estimate(named), 1)
    told.advance(label, 1, 2)
    assert told.line().startswith(f"{words}: 1 of 2 replicates; in all 1 of 2; about ")
    screen = io.StringIO()
    terminal_console = plain_console(100)
    terminal_console.file, terminal_console._force_terminal = screen, True
    monkeypatch.setattr(progress, "console", terminal_console)
    with progress.progress(named, Estimate(named)) as watch:
        watch.advance(label, 1, 2)
        watch.bar.refresh()
    assert words in screen.getvalue()
    claim = by_hand.record(words, Verdict.INCONCLUSIVE)
    terminal.summarise(by_hand.conclusion(claim, deviations=[words]))
    shown = capsys.readouterr().out
    assert shown.count(words) == 3


def test_the_end_counts_what_came_out_as_recorded_and_names_the_rest(capsys):
    claims = [
        by_hand.record("one", Verdict.HOLDS),
        by_hand.record("two", Verdict.FAILS, refuted="why"),
        by_hand.record("three", Verdict.FAILS),
    ]
    terminal.summarise(by_hand.conclusion(*claims, networks={"s": 7}))
    shown = capsys.readouterr().out
    assert "three: FAILS. Refuted: at least one interval" in shown
    assert "It was expected to hold." in shown
    assert "2 of 3 claims came out as recorded (1 refuted, as it is known).\n7 networks" in shown
    assert "one:" not in shown
    assert "two:" not in shown


def test_mixed_hardware_is_a_deviation(finished, tmp_path):
    out = tmp_path / "mixed"
    shutil.copytree(finished, out)
    path = sorted((out / "shards").iterdir())[0]
    shard = shards.read_shard(path)
    other = shard.provenance | {"environment": "cuda (H200), compiled, torch 9.9"}
    shards.write_shard(out, replace(shard, provenance=other))
    retold, deviation = conclude(out).deviations
    assert retold.startswith("Results that say otherwise than the log how they were computed: 1 (")
    assert "1 with cuda (H200), compiled, torch 9.9" in deviation
    assert "15 with cpu" in deviation
    assert conclude(out).digest == conclude(finished).digest


def test_looks_add_replicates_for_undecided_claims(small_plan, tmp_path, monkeypatch):
    undecided = [Verdict.INCONCLUSIVE] * len(small_plan.claims)
    decided = iter([undecided] * 4)
    monkeypatch.setattr(runner, "verdicts", lambda plan, out: next(decided))
    made, stopped = [], []

    def make():
        made.append(executors.Serial())
        return made[-1]

    pool = executors.Pool("counted", make, lambda _: 1, stopped.append)
    runner.run(tmp_path, small_plan.with_replicates([2, 3]), pool)
    assert len(made) == 1  # workers go on from look to look
    assert stopped == made
    assert [e["number"] for e in journal.events(tmp_path) if e["event"] == "look"] == [1, 2]
    assert conclude(tmp_path).replicates == {"M = 2, K = 4": 3}
    assert [e for e in journal.events(tmp_path)][-1]["reason"] == "last look"


def test_claims_are_judged_on_their_own_replicates_of_a_shared_setting(small_plan, tmp_path):
    own = small_plan.with_replicates([3])
    first, *others = own.claims
    own = replace(own, claims=(replace(first, replicates=(2,)), *others))
    runner.run(tmp_path, own)
    results = conclude(tmp_path)
    assert results.replicates == {"M = 2, K = 4": 3}
    assert [claim.replicates for claim in results.claims] == [2, 3, 3]
    for claim in results.claims:
        assert {c.replicates for c in claim.comparisons} == {claim.replicates}
    measured = tables.read(tmp_path, "networks").query("replicate < 2")
    (coverage, _) = results.claims[0].comparisons
    assert coverage.observed == pytest.approx(measured["coverage"].mean())


def test_a_budget_stops_the_run_and_says_so(small_plan, tmp_path):
    verdicts = runner.run(tmp_path, small_plan, minutes=1e-9)
    assert set(verdicts) == {Verdict.INCONCLUSIVE}
    write_report(tmp_path)
    (deviation,) = conclude(tmp_path).deviations
    assert "the time allowed was used up" in deviation


def test_results_of_other_settings_are_counted_and_said(finished, small_plan, capsys):
    files = len(shards.shard_paths(finished))
    terminal.first_words(finished, small_plan, Estimate(small_plan), 1)
    assert "of other settings" not in capsys.readouterr().out
    other = replace(small_plan, seed=small_plan.seed + 1)
    terminal.first_words(finished, other, Estimate(other), 1)
    said = " ".join(capsys.readouterr().out.split())
    assert f"{files} replicates in {finished} are of other settings than these" in said
    assert "they are kept and not used" in said


def test_the_command_from_plan_to_exit_code(trained, capsys):
    arguments = ["run", "--out", str(trained)]
    code = command.main(arguments)
    printed = " ".join(capsys.readouterr().out.split())
    results = conclude(trained)
    verdicts = [claim.verdict for claim in results.claims]
    recorded = [Verdict.HOLDS] * len(verdicts)
    assert code == options.exit_code([Verdict(v) for v in verdicts], recorded)
    # First what will be trained and how long it takes, then each outcome.
    assert printed.startswith(
        f"Plan {results.plan.name} 3 claims on 1 setting: 6 replicates at the "
    )
    assert "first look; 60 networks to train. First look: about" in printed
    for claim in results.claims:
        late = claim.look > 1 and claim.verdict != "INCONCLUSIVE"
        look = f", at look {claim.look}." if late else "."
        assert f"{claim.name}: {claim.verdict}{look}" in printed
    networks = tables.read(trained, "networks")
    # Not a verdict: far from 1/2 means the training is broken. 24 lotteries of 10 networks.
    assert 0.45 < networks["coverage_by_weights"].mean() < 0.7
    assert networks["training_accuracy"].min() > 0.95
    # Guessing calls half of at least 240 races; five deviations above it are .67.
    assert networks["winner_right"].mean() > 0.67
    assert "OUTSIDE ASSUMPTIONS" not in verdicts
    # A second time nothing is trained.
    assert command.main(arguments) == code


@pytest.mark.parametrize(
    ("verdicts", "recorded", "code"),
    [
        ("HH", "HH", 0),
        ("HF", "HH", 1),
        ("HI", "HH", 3),
        ("IF", "HH", 1),
        ("HO", "HH", 3),
        ("HF", "HF", 0),
        ("HH", "HF", 1),
        ("HI", "HF", 3),
        ("OH", "HF", 1),
        ("FH", "HF", 1),
    ],
)
def test_exit_codes_compare_with_the_record(verdicts, recorded, code):
    letters = {v.value[0]: v for v in Verdict}
    came, record = ([letters[letter] for letter in word] for word in (verdicts, recorded))
    assert options.exit_code(came, record) == code


def test_an_interrupted_command_keeps_what_was_finished(trained, monkeypatch, capsys):
    """Ctrl-C while the fourth replicate is trained: three are on disk, with a report."""
    started = []

    def compute(one, original=completing.compute):
        started.append(one)
        if len(started) == 4:
            raise KeyboardInterrupt
        return original(one)

    monkeypatch.setattr(completing, "compute", compute)
    assert command.main(["run", "--out", str(trained)]) == 130
    printed = " ".join(capsys.readouterr().out.split())
    assert "Stopped; 3 finished replicates are kept" in printed
    assert (trained / "report.html").exists()
    results = conclude(trained)
    assert {claim.verdict for claim in results.claims} == {"INCONCLUSIVE"}
    for claim in results.claims:
        assert {c.verdict for c in claim.comparisons} == {"INCONCLUSIVE"}
    assert "The run stopped before its plan was carried out: interrupted." in results.deviations
    assert not list(trained.rglob(".*"))


def test_a_failing_shard_loses_nothing_that_was_finished(trained, monkeypatch, capsys):
    started = []

    def compute(one, original=completing.compute):
        started.append(one)
        if len(started) == 3:
            raise MemoryError("one network needs 9 MiB to train, 8 MiB are free")
        return original(one)

    monkeypatch.setattr(completing, "compute", compute)
    assert command.main(["run", "--out", str(trained)]) == 2
    assert "9 MiB to train" in capsys.readouterr().err
    assert len(list((trained / "shards").iterdir())) == 2


def test_dry_run_shows_cost_and_writes_nothing(trained, capsys):
    assert command.main(["run", "--dry-run", "--out", str(trained)]) == 0
    printed = " ".join(capsys.readouterr().out.split())
    assert re.search(r"M = 2, K = 4 10 [\d.]+ \* 6 14", printed)
    assert "Measured by a few steps: one setting of each experiment, 1 of 1." in printed
    assert "only the probes were trained, nothing was written" in printed
    assert not trained.exists()


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (["run", "flying"], ["CLAIM='flying'", "single-view"]),
        (["run", "--preset", "huge"], ["huge", "quick"]),
        (["run", "--device", "cuda", "--out", "OUT"], ["device='cuda'", "--device auto"]),
        (["run", "--seed", "-1"], ["seed='-1'", "seed >= 0"]),
        (["run", "--seed", "x"], ["seed='x'", "seed >= 0"]),
        (["run", "--processes", "0"], ["processes='0'", "processes >= 1"]),
        (["run", "--workers", "two"], ["workers='two'", "workers >= 1"]),
        (["run", "--keep", "tea"], ["keep='tea'", "curves, weights"]),
        (["run", "--budget", "0"], ["budget='0'", "minutes > 0"]),
        (["run", "--budget", "long"], ["budget='long'", "minutes > 0"]),
        (["run", "--workers", "2", "--processes", "2"], ["exclude each other"]),
        (["run", "--out", "/proc/none"], ["out='/proc/none'", "cannot be written"]),
        (["report", "no-such-folder"], ["DIR='no-such-folder'", "holds no run"]),
        (["report"], ["DIR"]),
        (["claims", "no-such-folder"], ["DIR='no-such-folder'", "holds no run"]),
        (["calibrate", "--studies", "0"], ["studies='0'", "studies >= 1"]),
        (["calibrate", "--studies", "1", "--folder", "OUT"], ["holds no run"]),
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


def test_devices(monkeypatch):
    monkeypatch.setattr("torch.cuda.is_available", lambda: True)
    assert task.resolve_device("auto") == "cuda"
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    assert task.resolve_device("auto") == "cpu"


def test_gpu_workers_take_a_device_each(monkeypatch):
    """Without a GPU here: what each worker would be told."""
    with executors.Processes(3) as pool:
        told = {f.result() for f in [pool.submit(os.getenv, "MVTHEORY_WORKER") for _ in range(30)]}
    assert told <= {"0", "1", "2"}
    monkeypatch.setattr("torch.cuda.device_count", lambda: 2)
    for number, device in (("0", "cuda:0"), ("1", "cuda:1"), ("2", "cuda:0")):
        monkeypatch.setenv("MVTHEORY_WORKER", number)
        assert task.gpu_of_worker() == device
    monkeypatch.delenv("MVTHEORY_WORKER")
    assert task.gpu_of_worker() == "cuda"


@pytest.mark.parametrize(
    ("device", "there", "used"),
    [
        ("auto", True, "cuda:1"),
        ("auto", False, "cpu"),
        ("cuda", True, "cuda:1"),
        ("cpu", True, "cpu"),
    ],
)
def test_each_worker_finds_its_own_device(device, there, used, monkeypatch):
    monkeypatch.setattr("torch.cuda.is_available", lambda: there)
    monkeypatch.setattr("torch.cuda.device_count", lambda: 2)
    monkeypatch.setenv("MVTHEORY_WORKER", "1")
    monkeypatch.setattr(task, "measure", lambda setting, seed, replicate, *form: {"form": form})
    monkeypatch.setattr(task, "environment", lambda device, compiled: device)
    setting = SimpleNamespace(trainer="nobody.home")
    tables, provenance = task.compute(task.Task(setting, 0, 0, device, False))
    assert tables["form"][0] == provenance["environment"] == used


def test_list_as_a_module():
    run = subprocess.run(
        [sys.executable, "-m", "validation", "list"], capture_output=True, text=True, check=True
    )
    for name in CLAIMS:
        assert name in run.stdout


def test_a_plan_is_plain_data(small_plan):
    assert plan.Plan.of(json.loads(small_plan.text)) == small_plan

"""What a report says when plans, logs, results or code are not what they were."""

import json
import shutil
from dataclasses import replace

import pytest

from validation import code, options
from validation.records import journal, lock, plans, shards
from validation.records.conclusion import conclude
from validation.report.page import write_report
from validation.report.words import headline
from validation.running import completing, executors, runner, task
from validation.trial.claim import Verdict


@pytest.fixture(scope="module")
def plan(small_plan):
    return small_plan.with_replicates([3])


@pytest.fixture(scope="module")
def whole(tmp_path_factory, plan):
    out = tmp_path_factory.mktemp("whole")
    runner.run(out, plan)
    return out


@pytest.fixture
def folder(whole, tmp_path):
    return shutil.copytree(whole, tmp_path / "run")


def said(out):
    """Deviations as one text."""
    return " ".join(conclude(out).deviations)


def lines(out):
    return (out / "log.jsonl").read_text().splitlines(keepends=True)


def stored(out, number=0):
    return shards.read_shard(shards.shard_paths(out)[number])


def test_nothing_is_said_of_a_run_that_kept_to_its_plan(whole):
    results = conclude(whole)
    assert (results.deviations, results.lacks, results.earlier, results.seen) == ([], [], [], [])
    assert headline(results) == "Every range was fixed before training, by the log of the folder."
    assert results.models == {"network": 30}


def test_the_log_is_a_chain(folder):
    assert journal.breaks(folder) == []
    own = lines(folder)
    for changed, broken in (
        (own[:2] + own[3:], [3]),  # a line is gone
        ([*own[:2], own[3], own[2], *own[4:]], [3, 4, 5]),  # two changed places
        ([own[0].replace("plan", "plans"), *own[1:]], [2]),
        ([*own[:4], '{"event":"shard","key":"k","time":"t"}\n', *own[4:]], [5, 6]),
    ):
        (folder / "log.jsonl").write_text("".join(changed))
        assert journal.breaks(folder) == broken
        assert f"does not belong to line {', '.join(map(str, broken))}" in said(folder)


def test_a_line_that_a_kill_cut_short_breaks_no_chain(folder):
    with (folder / "log.jsonl").open("a") as file:
        file.write('{"event": "sha')
    journal.mend(folder)
    journal.log(folder, "start")
    assert journal.breaks(folder) == []


def test_a_log_that_is_gone_leaves_nothing_to_vouch_for_the_order(folder, plan):
    (folder / "log.jsonl").unlink()
    results = conclude(folder)
    assert "The log is missing" in said(folder)
    assert "Nothing in the folder shows that the ranges" in headline(results)
    assert len(results.seen) == 3
    # A new run of the same plan comes after its results.
    runner.run(folder, plan)
    results = conclude(folder)
    assert "This plan came after results: 3 of 3 claims" in headline(results)
    assert "Results that the log does not name: 3 (" in said(folder)


def test_a_plan_that_is_gone_is_missed(folder, plan):
    later = replace(plan, seed=9)
    plans.register(folder, later)
    plans.plan_path(folder, later.name).unlink()
    assert f"The plan {later.name[:12]}, which the log names, the last one" in said(folder)
    plans.plan_path(folder, plan.name).unlink()
    with pytest.raises(ValueError, match=f"lacks the plan {later.name}, which its log names"):
        conclude(folder)


def test_an_edited_result_is_known_though_its_file_vouches_for_itself(folder):
    own = stored(folder)
    tables = dict(own.tables)
    tables["networks"] = [row | {"coverage": 0.9} for row in tables["networks"]]
    shards.write_shard(folder, replace(own, tables=tables, checked=""))
    assert f"Results with other numbers than the log has: 1 ({own.key})" in said(folder)


def test_a_removed_and_an_added_result_are_missed(folder, plan):
    own = stored(folder)
    shards.shard_path(folder, own.key).unlink()
    assert f"Results that the log names and that are not there: 1 ({own.key})" in said(folder)
    added = replace(own, replicate=next(n for n in range(3) if n != own.replicate))
    (folder / "log.jsonl").write_text(
        "".join(line for line in lines(folder) if added.key not in line)
    )
    assert f"Results that the log does not name: 1 ({added.key})" in said(folder)


def test_other_seeds_in_a_folder_are_told_with_their_verdicts(folder, plan):
    runner.run(folder, replace(plan, seed=plan.seed + 1))
    results = conclude(folder)
    (other,) = results.earlier
    assert (other["plan"], other["seed"]) == (plan.name, plan.seed)
    assert other["verdicts"] == {c.name: "OUTSIDE ASSUMPTIONS" for c in plan.claims}
    assert f"seed: {plan.seed} became {plan.seed + 1}" in said(folder)
    assert results.seen == []  # other seeds, other networks
    page = write_report(folder).read_text()
    assert "Deviations from the plan" in page
    assert "Other plans that this folder, or the ledger, has seen" in page
    assert f"seed {plan.seed}: " in page


def test_a_claim_changed_after_results_is_marked_and_the_exit_code_says_so(folder, plan):
    """A comparison is taken out, and the run repeated on the same networks."""
    first, *others = plan.claims
    fewer = replace(first.studies[0], expectations=first.studies[0].expectations[:1])
    less = replace(plan, claims=(replace(first, studies=(fewer,)), *others))
    plans.register(folder, less)
    results = conclude_with(first.name, folder)
    assert results.seen == [first.name]
    marked = next(own for own in results.claims if own.name == first.name)
    assert marked.seen == 3
    assert marked.outcome == "OUTSIDE ASSUMPTIONS, on networks seen before"
    assert "1 of 3 claims are judged on networks" in headline(results)
    verdicts = [Verdict.HOLDS] * 3
    assert options.exit_code(verdicts, verdicts, results.seen) == 4
    assert options.exit_code(verdicts, verdicts) == 0
    # Going back to the plan that came before the networks puts it right.
    plans.register(folder, plan)
    assert conclude(folder).seen == []


def conclude_with(name, out):
    """A report of a claim that gives fewer samples than it did."""
    from validation import claims

    own = claims.CLAIMS[name]
    with pytest.MonkeyPatch.context() as patch:
        less = replace(own, observe=lambda measured: own.observe(measured)[:1])
        patch.setitem(claims.CLAIMS, name, less)
        return conclude(out)


def test_a_claim_that_came_after_the_networks_is_marked(tmp_path, plan):
    one = replace(plan, claims=plan.claims[:1])
    runner.run(tmp_path, one)
    runner.run(tmp_path, plan)
    results = conclude(tmp_path)
    assert results.seen == [claim.name for claim in plan.claims[1:]]
    assert "claim winner was added" in said(tmp_path)


def test_other_code_shows(folder, plan, monkeypatch):
    (trainer,) = {"validation.experiments.lottery.training"}
    assert plan.code[trainer] == code.code(trainer)
    own = stored(folder)
    older = own.provenance | {"code": "0" * 16}
    shards.write_shard(folder, replace(own, provenance=older))
    assert f"Results computed by other code of {trainer} than the plan names: 1." in said(folder)
    assert f"say otherwise than the log how they were computed: 1 ({own.key})" in said(folder)
    from validation.records import deviations

    monkeypatch.setattr(deviations, "code", lambda module: "1" * 16)
    text = said(folder)
    assert "by other code of validation.trial.verdict" in text
    assert "Claim winner is judged by other code of " in text


def test_a_resumed_run_with_other_code_says_what_changed(folder, plan):
    trainer = "validation.experiments.lottery.training"
    other = replace(plan, code=plan.code | {trainer: "2" * 16})
    plans.register(folder, other)
    text = said(folder)
    assert f"the code of {trainer} changed" in text
    assert f"Results computed by other code of {trainer} than the plan names: 3." in text


def test_a_worker_with_other_code_is_refused(tmp_path, plan, monkeypatch):
    monkeypatch.setattr(task, "code", lambda module: "3" * 16)
    with pytest.raises(executors.WorkersLostError, match=r"a worker has other code of .*same mvth"):
        runner.run(tmp_path, plan)
    assert shards.shard_paths(tmp_path) == []


def test_a_worker_of_an_older_version_is_refused(tmp_path, plan, monkeypatch):
    def compute(one):
        tables, provenance = task.compute(one)
        return tables, {part: provenance[part] for part in ("seconds", "environment")}

    monkeypatch.setattr(completing, "compute", compute)
    with pytest.raises(executors.WorkersLostError, match="its mvtheory is an older one"):
        runner.run(tmp_path, plan)


def test_provenance_names_all_that_may_change_a_bit(whole, monkeypatch):
    said = stored(whole).provenance
    assert said["code"] == code.code("validation.experiments.lottery.training")
    assert said["mvtheory"]
    words = said["environment"]
    for part in ("torch ", "numpy ", "scipy ", "numba ", "openblas", "1 thread", task.processor()):
        assert part in words
    assert "OPENBLAS_CORETYPE" not in words
    monkeypatch.setenv("OPENBLAS_CORETYPE", "Haswell")
    assert ", OPENBLAS_CORETYPE=Haswell" in task.environment("cpu", compiled=False)


def test_a_folder_in_use_is_refused(tmp_path):
    journal.log(tmp_path, "start", pid=7, host="there")
    with lock.alone(tmp_path):
        again = pytest.raises(ValueError, match=r"is in use by another run \(process 7 on there")
        with again, lock.alone(tmp_path):
            pass
    with lock.alone(tmp_path):
        pass


def test_code_is_the_text_of_all_that_is_imported(tmp_path, monkeypatch):
    package = tmp_path / "ofone"
    package.mkdir()
    texts = {
        "__init__": "from ofone.near import near\n",
        "near": "def near():\n    from . import far\n    return far\n",
        "far": "import numpy\nx = 1\n",
        "other": "x = 1\n",
        "start": "from ofone import near as n\n",
    }
    for name, text in texts.items():
        (package / f"{name}.py").write_text(text)
    monkeypatch.syspath_prepend(tmp_path)

    def now():
        code.text.cache_clear()
        code.code.cache_clear()
        return code.code("ofone.start")

    before = now()
    assert len(before) == 16
    (package / "other.py").write_text("x = 2\n")
    assert now() == before  # nothing of it is imported
    (package / "far.py").write_text("import numpy\r\nx = 1\r\n")
    assert now() == before
    (package / "far.py").write_text("import numpy\nx = 2\n")
    assert now() != before
    assert code.code("ofone.nothing") == ""
    now()


def test_a_record_of_an_earlier_version_says_what_it_lacks(folder, plan):
    old = replace(plan, code={})
    shutil.rmtree(folder / "plans")
    plain = [json.loads(line) for line in lines(folder)]
    for event in plain:
        del event["previous"]
        for new in ("digest", "provenance"):
            event.pop(new, None)
        if event["event"] == "plan":
            event["hash"] = old.name
    (folder / "log.jsonl").write_text("".join(json.dumps(event) + "\n" for event in plain))
    plans.register(folder, old)
    (folder / "log.jsonl").write_text("".join(json.dumps(event) + "\n" for event in plain))
    for path in shards.shard_paths(folder):
        own = shards.read_shard(path)
        shards.write_shard(folder, replace(own, provenance={"seconds": 1.0, "environment": "cpu"}))
    results = conclude(folder)
    assert results.deviations == []
    assert [line.split(" ")[:3] for line in results.lacks] == [
        ["The", "plan", "does"],
        ["The", "lines", "of"],
        ["Results", "do", "not"],
    ]
    assert "What this record does not say" in write_report(folder).read_text()

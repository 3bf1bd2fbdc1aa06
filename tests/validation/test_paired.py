"""Paired comparisons against other implementations, brute force and simulation."""

import csv
import io
import json
import math
from itertools import product

import numpy as np
import pytest
from scipy import special, stats
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests

import validation
from validation import command
from validation.paired import compare, compare_all, harness, read_samples, right, scores


def table(only_a, only_b, both, neither):
    """Scores of two models by how many items are so."""
    a = np.repeat([1.0, 0.0, 1.0, 0.0], [only_a, only_b, both, neither])
    b = np.repeat([0.0, 1.0, 1.0, 0.0], [only_a, only_b, both, neither])
    return a, b


@pytest.mark.parametrize(
    ("only_a", "only_b", "both"),
    [(12, 30, 110), (12, 30, 68), (10, 27, 133), (10, 27, 50), (0, 8, 205), (0, 8, 7)],
)
def test_the_published_example_is_told_apart_by_its_pairs(only_a, only_b, both):
    """lm-evaluation-harness, pull request 3868: of 220 items, unpaired p = .080, paired .008.

    Published are these three numbers alone. The tables are all those that give both p-values, by
    the z-test of that project (variances with N - 1) and McNemar's exact test.
    """
    a, b = table(only_a, only_b, both, 220 - only_a - only_b - both)
    found = validation.compare(a, b)
    assert found.items == 220
    assert round(found.unpaired_p_value, 3) == 0.080
    assert round(found.p_value, 3) == 0.008
    assert (found.only_a, found.only_b) == (only_a, only_b)
    assert found.verdict == "B is better"
    assert 0 < found.low < found.difference < found.high
    assert validation.compare(b, a).verdict == "A is better"


def test_mcnemar_is_that_of_statsmodels():
    for only_a, only_b in ((0, 0), (0, 1), (3, 9), (12, 30), (40, 41), (1, 300)):
        reference = mcnemar([[5, only_a], [only_b, 5]], exact=True).pvalue
        assert right.mcnemar(only_a, only_b) == pytest.approx(min(1.0, reference), rel=1e-9)


@pytest.mark.parametrize(
    ("only_a", "only_b", "items", "bound"),
    [
        (12, 30, 220, 0.05),
        (30, 12, 220, 0.05),
        (3, 9, 50, -0.1),
        (0, 8, 220, 0.02),
        (0, 0, 30, 0.1),
    ],
)
def test_tangos_score_is_that_of_the_likeliest_table(only_a, only_b, items, bound):
    share = np.linspace(max(0, -bound), (1 - bound) / 2, 200_001)[1:-1]
    likelihood = special.xlogy(only_a, share) + special.xlogy(only_b, share + bound)
    likelihood += special.xlogy(items - only_a - only_b, 1 - 2 * share - bound)
    best = share[likelihood.argmax()]
    z = (only_b - only_a - items * bound) / math.sqrt(items * (2 * best + bound - bound**2))
    assert right.p_above(only_a, only_b, items, bound) == pytest.approx(stats.norm.sf(z), rel=1e-3)
    low, high = right.interval(only_a, only_b, items, 0.9)
    assert low <= (only_b - only_a) / items <= high
    assert right.p_above(only_a, only_b, items, low) == pytest.approx(0.05)
    assert right.p_above(only_b, only_a, items, -high) == pytest.approx(0.05)


def test_intervals_hold_the_difference_as_often_as_they_say():
    rng = np.random.default_rng(1)
    for discordant, difference, items in ((0.1, 0.02, 60), (0.3, 0.1, 40), (0.2, 0.0, 100)):
        shares = [(discordant - difference) / 2, (discordant + difference) / 2, 1 - discordant]
        held = [
            low <= difference <= high
            for only_a, only_b, _ in rng.multinomial(items, shares, size=400)
            for low, high in [right.interval(only_a, only_b, items, 0.95)]
        ]
        # A score interval may lack 1 or 2 % with so few items; 4 deviations besides.
        assert np.mean(held) >= 0.93 - 4 * math.sqrt(0.95 * 0.05 / 400)
    assert right.interval(0, 30, 30, 0.95)[1] == 1
    assert right.interval(30, 0, 30, 0.95)[0] == -1
    low, high = right.interval(0, 0, 30, 0.95)
    # z^2 / (N + z^2) on either side: no item tells them apart.
    assert (-low, high) == pytest.approx((1.96**2 / (30 + 1.96**2),) * 2, abs=1e-4)


def test_power_is_that_of_all_outcomes():
    items, discordant, difference, alpha = 14, 0.6, 0.5, 0.1
    shares = [(discordant - difference) / 2, (discordant + difference) / 2]
    brute = sum(
        stats.multinomial.pmf([a, b, items - a - b], items, [*shares, 1 - discordant])
        for a, b in product(range(items + 1), repeat=2)
        if a + b <= items and right.mcnemar(a, b) <= alpha
    )
    assert right.power(difference, discordant, items, alpha) == pytest.approx(brute, rel=1e-9)
    # Without a difference it is the level of the exact test, below alpha.
    assert 0 < right.power(0.0, discordant, items, alpha) <= alpha
    least = right.detectable(12, 30, 220, 0.05, 0.8)
    assert right.power(least, 42 / 220, 220, 0.05) == pytest.approx(0.8, abs=1e-3)
    # Items that all agree so far: 6 discordant ones of one kind are needed at least.
    assert right.detectable(0, 0, 220, 0.05, 0.8) > 6 / 220
    assert math.isnan(right.detectable(0, 0, 4, 0.05, 0.8))


def test_sign_flips_are_all_ways_to_exchange_the_models():
    rng = np.random.default_rng(2)
    own = rng.normal(0.4, 1, 9)
    flipped = np.array(list(product([1, -1], repeat=9))) @ own
    assert scores.sign_flips(own) == (np.abs(flipped) >= abs(own.sum()) - 1e-12).mean()
    # Of answers right or wrong it is McNemar's test; beyond 20 items, as closely as 100,000 draws.
    for only_a, only_b in ((3, 12), (12, 30)):
        differences = np.repeat([-1.0, 1.0, 0.0], [only_a, only_b, 50])
        exact = right.mcnemar(only_a, only_b)
        error = 4 * math.sqrt(exact / scores.FLIPS) if only_a + only_b > scores.EXACT else 1e-12
        assert scores.sign_flips(differences) == pytest.approx(exact, abs=error)
    assert scores.sign_flips(np.zeros(5)) == 1
    assert scores.sign_flips(np.full(60, 0.1)) == 1 / (scores.FLIPS + 1)


def test_scores_have_students_interval_and_power():
    rng = np.random.default_rng(3)
    a, b = rng.random((2, 40))
    found = compare(a, b, margin=0.3, confidence=0.9)
    reference = stats.ttest_rel(b, a)
    low, high = reference.confidence_interval(0.9)
    assert (found.low, found.high) == pytest.approx((low, high))
    assert found.p_value == pytest.approx(reference.pvalue, abs=0.02)
    sides = [
        stats.ttest_1samp(b - a, -0.3, alternative="greater").pvalue,
        stats.ttest_1samp(b - a, 0.3, alternative="less").pvalue,
    ]
    assert found.equivalence_p_value == pytest.approx(max(sides))
    assert (found.only_a, found.only_b) == (None, None)
    effect = found.detectable / stats.sem(b - a)
    shown = stats.nct.sf(stats.t.ppf(0.95, 39), 39, effect)
    assert shown == pytest.approx(0.8, abs=1e-6)
    same = compare(a, a + 0.25, margin=0.3)
    assert (same.verdict, same.low) == ("B is better, by less than the margin", pytest.approx(0.25))
    assert math.isnan(same.detectable)
    assert compare(a, a + 0.5, margin=0.3).equivalence_p_value == 1


def test_equivalence_errs_no_more_often_than_it_says():
    """The truth at the margin: 1500 pairs of models of 400 items."""
    rng = np.random.default_rng(4)
    counts = rng.multinomial(400, [0.05, 0.10, 0.85], size=1500)
    sides = [right.p_above(a, b, 400, -0.05) for b, a, _ in counts]
    found = np.mean(np.array(sides) <= 0.05)
    assert found <= 0.05 + 0.005 + 4 * math.sqrt(0.05 * 0.95 / 1500)
    assert found > 0.02
    alike = compare(*table(4, 5, 300, 91), margin=0.03)
    assert (alike.verdict, alike.different, alike.equivalent) == ("equivalent", False, True)
    assert alike.low > -0.03
    assert alike.high < 0.03
    assert compare(*table(4, 5, 300, 91)).verdict == "undecided"
    apart = compare(*table(4, 40, 300, 56), margin=0.03)
    assert apart.verdict == "B is better"
    assert compare(*table(0, 40, 3000, 956), margin=0.03).verdict.endswith("less than the margin")


def test_several_comparisons_are_corrected_together():
    given = {str(n): table(n, 2 * n + 3, 50, 50) for n in (1, 4, 9, 16)}
    found = compare_all(given, margin=0.2)
    assert [own.name for own in found] == list(given)
    for name in ("adjusted_p_value", "equivalence_p_value"):
        alone = [compare(*pair, margin=0.2) for pair in given.values()]
        plain = [getattr(own, name) for own in alone]
        _, expected, _, _ = multipletests(plain, method="holm")
        assert [getattr(own, name) for own in found] == pytest.approx(expected)
    assert [own.p_value for own in found] == [own.p_value for own in alone]
    # Bonferroni: a quarter of the error each.
    only = compare(*given["9"], confidence=1 - 0.05 / 4)
    assert (found[2].low, found[2].high) == (only.low, only.high)
    assert found[2].detectable == only.detectable
    assert found[2].confidence == 0.95


def test_answers_and_logits_are_scored_by_labels():
    labels = np.array([0, 1, 2, 1])
    answers = np.array([0, 1, 1, 2])
    logits = np.eye(3)[[0, 2, 2, 1]]
    found = compare(answers, logits, labels)
    assert (found.a, found.b, found.only_a, found.only_b) == (0.5, 0.75, 1, 2)
    tied = np.where(np.arange(3) < 2, 1.0, 0.0) * np.ones((4, 1))
    shared = compare(answers, tied, labels)
    assert shared.b == 0.375  # halves, and none of the third
    assert shared.only_a is None


def write(path, rows, task="arc", date="2026-06-23T10-00-00.123456"):
    """As the harness does."""
    path.mkdir(parents=True, exist_ok=True)
    lines = [
        json.dumps(
            {
                "doc_id": n,
                "doc_hash": f"d{n}",
                "prompt_hash": "p",
                "target_hash": "t",
                "filter": how,
            }
            | {"metrics": list(values), "doc": {}, "resps": [["x"]], **values}
        )
        for n, how, values in rows
    ]
    file = path / f"samples_{task}_{date}.jsonl"
    file.write_text("\n".join(lines) + "\n\n")
    return file


def runs(tmp_path):
    a, b = table(2, 9, 20, 9)
    for name, own in (("a", a), ("b", b)):
        rows = [
            (n, "none", {"acc": x, "acc_norm": bool(x), "perplexity": [1, 2]})
            for n, x in enumerate(own)
        ]
        write(tmp_path / name / "model", rows)
    return tmp_path / "a", tmp_path / "b"


def test_samples_of_the_harness_are_read(tmp_path):
    one, other = runs(tmp_path)
    found, left_out = harness.pairs(read_samples(one), read_samples(other))
    assert list(found) == ["arc, acc", "arc, acc_norm"]
    assert set(left_out.values()) == {0}
    assert np.array_equal(found["arc, acc"], table(2, 9, 20, 9))
    # The latest run of a task counts; another order of items does not matter.
    rows = [(n, "none", {"acc": 1.0}) for n in reversed(range(3, 40))]
    latest = write(other / "model", rows, date="2026-06-24T10-00-00.5")
    found, left_out = harness.pairs(read_samples(one), read_samples(other), ["acc"])
    assert left_out == {"arc, acc": 3}
    assert found["arc, acc"][1].tolist() == [1.0] * 37
    assert read_samples(latest) == read_samples(other)
    # One task each is paired whatever the files are called.
    renamed = latest.rename(tmp_path / "mine.jsonl")
    assert list(harness.pairs(read_samples(one), read_samples(renamed))[0]) == ["arc, acc"]


def test_filters_are_told_apart_and_old_files_have_no_list_of_metrics(tmp_path):
    rows = [(n, how, {"exact_match": float(n == 1)}) for n in (0, 1) for how in ("strict", "flex")]
    file = write(tmp_path, rows, task="gsm8k")
    found, _ = harness.pairs(read_samples(file), read_samples(file))
    assert list(found) == ["gsm8k, exact_match (strict)", "gsm8k, exact_match (flex)"]
    old = tmp_path / "samples_old.jsonl"
    old.write_text('{"doc_id": 0, "acc": 1.0}\n{"doc_id": 1, "acc": 0.0, "other": 3}\n')
    assert read_samples(old) == {("old", "none", "acc"): {"0 ": 1.0, "1 ": 0.0}}


def test_the_command_compares_runs_and_arrays(tmp_path, capsys):
    one, other = map(str, runs(tmp_path))
    assert command.main(["compare", one, other, "--margin", "0.5", "--json"]) == 0
    first, second = json.loads(capsys.readouterr().out)
    assert (first["name"], second["name"]) == ("arc, acc", "arc, acc_norm")
    assert first["adjusted_p_value"] == pytest.approx(2 * right.mcnemar(2, 9))
    assert (first["difference"], first["verdict"]) == (pytest.approx(7 / 40), "equivalent")
    assert command.main(["compare", one, other, "--margin", "0.5", "--csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [(row["name"], row["verdict"]) for row in rows] == [
        (own["name"], own["verdict"]) for own in (first, second)
    ]
    assert float(rows[0]["difference"]) == first["difference"]
    assert command.main(["compare", one, other, "--metric", "acc"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "McNemar's exact test" in said
    assert said.endswith("arc, acc: undecided.")
    rng = np.random.default_rng(5)
    labels = rng.integers(3, size=60)
    for name, values in (("y", labels), ("a", labels), ("b", rng.integers(3, size=60))):
        np.save(tmp_path / f"{name}.npy", values)
    paths = [str(tmp_path / f"{name}.npy") for name in ("a", "b")]
    assert command.main(["compare", *paths, "--labels", str(tmp_path / "y.npy"), "--json"]) == 0
    (found,) = json.loads(capsys.readouterr().out)
    assert (found["a"], found["verdict"], found["left_out"]) == (1.0, "A is better", 0)

"""Claims about many networks of few classes: saturation, odds, shared starts, correlated views."""

import math
from dataclasses import replace
from functools import cache
from itertools import combinations, product

import numpy as np
import pandas as pd
import pytest

from mvtheory import coverage as theory
from mvtheory.race import Setting, descend, win_probabilities
from validation.claims import CLAIMS, correlated_views, saturation, shared_bias, unequal_views
from validation.experiments.lottery.setting import LotterySetting, guess_spread
from validation.experiments.lottery.small import small_lottery
from validation.experiments.lottery.unions import union_variance
from validation.records import shards as store
from validation.training import measure as measures
from validation.trial.claim import Comparison, Measured, Verdict

OWN = {
    name: CLAIMS[name]
    for name in ("saturation", "unequal-views", "shared-bias", "correlated-views")
}
PRESETS = ("smoke", "quick", "standard", "full")


@cache
def expected(name, words=""):
    """What a claim, or the wrong formula of these words, expects of its quick settings."""
    claim = OWN[name]
    wrong = {w.words: w.expect for w in claim.wrong}
    expect = wrong[words] if words else claim.expect
    return [e for setting in claim.settings("quick") for e in expect(setting)]


@pytest.mark.parametrize("preset", PRESETS)
def test_settings_have_labels_of_their_own(preset):
    chosen = [s for claim in OWN.values() for s in claim.settings(preset)]
    assert len({s.label for s in chosen}) == len(chosen)
    for setting in chosen:
        assert setting.data.features < setting.data.dimension
        # One single-view sample for each (class, view), as the growth law assumes.
        singles = setting.data.single_view_fraction * setting.training_samples
        assert singles == pytest.approx(setting.data.features)


@pytest.mark.parametrize(
    ("name", "words"), [(name, w.words) for name, c in OWN.items() for w in c.wrong]
)
def test_wrong_formulas_exclude_what_the_right_one_expects(name, words):
    right, wrong = expected(name), expected(name, words)
    assert [(e.panel, e.series, e.x) for e in wrong] == [(e.panel, e.series, e.x) for e in right]
    gaps = [
        max(w.low - e.expected if w.low is not None else -1, e.expected - w.high if w.high else -1)
        / max(e.spread, 1e-3)
        for e, w in zip(right, wrong, strict=True)
    ]
    # Half a replicate's deviation: ten replicates then put 1.6 standard errors between them.
    assert max(gaps) > 0.5


@pytest.mark.parametrize("name", OWN)
def test_smoke_networks_give_a_sample_for_each_expectation(name):
    claim = OWN[name]
    for setting in claim.settings("smoke"):
        short = setting.shortened(4)
        shards = [store.Shard(short.describe(), 3, n, short.measure(3, n), {}) for n in range(2)]
        measured = store.measured(short, shards)
        for expect, observe in ((claim.expect, claim.observe), (claim.require, claim.check)):
            expectations, samples = expect(short), observe(measured)
            assert len(expectations) == len(samples)
            assert all(sample.values.size == 2 for sample in samples)
        comparisons = [
            Comparison(e, float(o.values.mean()), 0.01, (0.0, 1.0), 2, Verdict.INCONCLUSIVE, False)
            for e, o in zip(claim.expect(short), claim.observe(measured), strict=True)
        ]
        (line,) = claim.remarks(comparisons, [measured])
        assert "nan" not in line
        assert "M = 2" in line


def ideal(setting, draw, replicates=150, seed=2):
    """Tables of networks that learn exactly one view, drawn by `draw(rng, shape)`."""
    rng = np.random.default_rng(seed)
    data, family = setting.data, setting.family
    networks, ensembles = [], []
    for replicate in range(replicates):
        won = draw(rng, (setting.families, family, data.classes))
        networks += [
            {"replicate": replicate, "learned_winner": row.tolist(), "winner_right": 1.0}
            for row in won.reshape(-1, data.classes)
        ]
        known = np.stack([(won == view).sum(axis=1) for view in range(data.views)])
        for size in setting.ensemble_sizes:
            missed = [
                math.comb(family - int(k), size) / math.comb(family, size) for k in known.flat
            ]
            covered = 1 - float(np.mean(missed))
            error = data.single_view_fraction * (1 - covered) * (1 - 1 / data.classes)
            ensembles.append(
                {"replicate": replicate, "size": size, "coverage": covered, "test_error": error}
            )
    tables = {"networks": pd.DataFrame(networks), "ensembles": pd.DataFrame(ensembles)}
    return Measured(setting, replicates, tables)


def agrees(expectations, samples, panel, least=0.0):
    """Ideal networks meet the predictions, and vary no more than the spreads say."""
    for e, sample in zip(expectations, samples, strict=True):
        if e.panel == panel:
            deviation = sample.values.std(ddof=1)
            room = 4.5 * deviation / math.sqrt(sample.values.size)
            assert sample.values.mean() == pytest.approx(e.predicted, abs=room + 1e-9), e
            # A deviation from 150 replicates is known to 6 %.
            assert least * e.spread <= deviation <= 1.25 * e.spread, e


def test_ideal_networks_saturate_as_predicted():
    (setting,) = saturation.settings("quick")
    small = replace(setting, deviation=1e-9)
    measured = ideal(small, lambda rng, shape: rng.integers(small.data.views, size=shape), 60)
    samples = saturation.observe(measured)
    for e, sample in zip(saturation.expect(small), samples, strict=True):
        assert sample.values.mean() == pytest.approx(e.predicted, abs=4 * e.spread / 60**0.5)
    # Test error is lost in proportion to the coverage gained.
    scale = small.data.single_view_fraction * (1 - 1 / small.data.classes)
    for gain, loss in zip(samples[:2], samples[2:], strict=True):
        np.testing.assert_allclose(loss.values, scale * gain.values, atol=1e-12)


@pytest.mark.parametrize("setting", unequal_views.settings("quick"), ids=lambda s: s.label)
def test_ideal_networks_win_with_the_odds_of_the_integral(setting):
    drives = unequal_views.drives(setting)
    shares = win_probabilities(drives, setting.power, setting.neurons)
    shares = shares / shares.sum()
    views = len(shares)
    # S_l of a view is the mean power of its own coefficients.
    sampled = setting.data.sample(6000, np.random.default_rng(0)).drives(3, setting.power)
    np.testing.assert_allclose(sampled.mean(axis=0), drives, rtol=0.01)
    measured = ideal(setting, lambda rng, shape: rng.choice(views, p=shares, size=shape))
    expectations, samples = unequal_views.expect(setting), unequal_views.observe(measured)
    agrees(expectations, samples, unequal_views.ODDS, least=0.6)
    agrees(expectations, samples, unequal_views.ENSEMBLE)
    assert sum(e.predicted for e in expectations[:views]) == pytest.approx(1)


@pytest.mark.parametrize(("views", "shared"), [(2, 0.7), (3, 0.9)])
def test_spreads_and_means_of_dirichlet_families(views, shared):
    (quick,) = shared_bias.settings("quick")
    setting = replace(quick, data=replace(quick.data, views=views), shared=shared)
    shape = theory.concentration(views, setting.neurons, shared)

    def draw(rng, size):
        families, _, classes = size
        odds = rng.dirichlet([shape] * views, size=(families, 1, classes)).cumsum(axis=-1)
        return (rng.random((*size, 1)) > odds).sum(axis=-1)

    measured = ideal(setting, draw)
    agrees(shared_bias.expect(setting), shared_bias.observe(measured), shared_bias.PANEL)
    seen = measured.tables["ensembles"].query("size == 10")["coverage"].std()
    without_guesses = replace(setting, repeats=10**9, deviation=1e-9)
    assert seen == pytest.approx(shared_bias.spread(without_guesses, 10), rel=0.25)


def test_families_share_their_starts_and_their_ensembles():
    (smoke,) = shared_bias.settings("smoke")
    setting = replace(smoke, networks=6, families=2, sizes=(1, 3), shared=0.6).shortened(1)
    tables = setting.measure(5, 0, keep=("weights",))
    initial = np.array([row["initial"] for row in tables["weights"]]).reshape(6, -1)
    seen = np.corrcoef(initial)
    together = np.kron(np.eye(2), np.ones((3, 3)))
    wanted = 0.6 * together + 0.4 * np.eye(6)
    # Correlations of n numbers are known to 1/sqrt(n); 30 of them, five deviations.
    np.testing.assert_allclose(seen, wanted, atol=5 / math.sqrt(initial.shape[1]))
    assert initial.std() == pytest.approx(setting.deviation, rel=0.05)
    # The largest ensembles are the families: their mean, by the networks' own tables at size 1.
    by_size = {row["size"]: row for row in tables["ensembles"]}
    alone = np.mean([row["test_error"] for row in tables["networks"]])
    assert by_size[1]["test_error"] == pytest.approx(alone)
    with pytest.raises(ValueError, match=r"families=4 is not allowed for networks=6"):
        replace(setting, families=4)
    with pytest.raises(ValueError, match=r"sizes=\(1, 4\) is not allowed .*<= 3"):
        replace(setting, sizes=(1, 4))


def test_the_error_of_ensembles_is_that_of_averaged_outputs():
    labels = np.array([0, 1, 0])
    logits = np.zeros((2, 3, 2), dtype=np.float32)
    logits[0, :, 0], logits[1, :, 1] = (3, 3, 1), (1, 4, 2)
    # Network 0 says class 0 always, network 1 class 1; together 0, 1, 1.
    assert measures.ensemble_error(logits, labels, 1) == pytest.approx(0.5)
    assert measures.ensemble_error(logits, labels, 2) == pytest.approx(1 / 3)


def test_guesses_vary_as_many_answers_as_there_are():
    setting = small_lottery("quick", "", 2, 10)
    items = setting.data.features * setting.repeats
    rng = np.random.default_rng(0)
    # Two sets of answers, each right with 1/3; corrected for chance as coverage is.
    right = rng.random((4000, 2 * items)) < 1 / 3
    corrected = (right.mean(axis=1) - 1 / 3) / (2 / 3)
    assert corrected.std() == pytest.approx(guess_spread(setting), rel=0.05)


REDUCED = Setting(
    views=2, classes=3, neurons=6, power=4, deviation=0.015, samples=20,
    stages=((200, 3.0), (120, 12.0)), single_view_samples=1, noise_dimensions=42,
)  # fmt: skip


def test_the_growth_law_of_correlated_views_rises_with_the_cosine():
    coverage = [
        descend(replace(REDUCED, cosine=c), 200, seed=1).coverage for c in (0, 0.01, 0.02, 0.1)
    ]
    assert coverage == sorted(coverage)
    assert coverage[0] < 0.65 < 0.85 < coverage[2]
    assert coverage[-1] > 0.95
    with pytest.raises(ValueError, match=r"cosine=1\.0 is not allowed"):
        replace(REDUCED, cosine=1)


@pytest.mark.parametrize("cosine", [0.0, 0.4])
def test_correlated_views_start_with_their_gram_matrix(cosine):
    """P(both responses of a neuron are positive) = 1/4 + asin(c)/(2 pi) (Sheppard)."""
    still = replace(REDUCED, neurons=1, stages=((1, 1e-9),), single_view_samples=0, cosine=cosine)
    draws = 20_000
    both = (descend(still, draws).strengths[-1] > 0).all(axis=1).mean()
    expected = 0.25 + math.asin(cosine) / (2 * math.pi)
    assert both == pytest.approx(expected, abs=4.5 * math.sqrt(0.2 / draws))


def test_the_growth_law_of_unequal_views_has_the_odds_of_the_integral():
    scales, draws = (1.0, 0.8), 1500
    short = replace(
        REDUCED, scales=scales, strength=(1.75, 1.75), deviation=0.005, single_view_samples=0,
        stages=((300, 20.0),),
    )  # fmt: skip
    won = (descend(short, draws).strengths[-1].argmax(axis=1) == 0).mean()
    stated = win_probabilities(np.array(scales) ** 4, 4, 6)
    assert won == pytest.approx(stated[0] / stated.sum(), abs=4.5 * math.sqrt(0.25 / draws))
    with pytest.raises(
        ValueError, match=r"scales=\(1\.0,\) is not allowed \(2 finite numbers > 0\)"
    ):
        replace(REDUCED, scales=(1.0,))


def test_the_critical_cosine_lies_on_the_rise_of_the_law():
    settings: tuple[LotterySetting, ...] = correlated_views.settings("quick")
    critical = correlated_views.critical_cosine(settings[0])
    below, above = (
        correlated_views.coverage(
            replace(settings[1], data=replace(settings[1].data, cosine=factor * critical))
        )
        for factor in (0.5, 2)
    )
    assert below < 0.65
    assert above > 0.9


@pytest.mark.parametrize(("views", "size"), [(1, 2), (2, 1), (2, 3), (3, 2), (3, 4)])
def test_the_variance_of_unions_is_that_over_all_lotteries(views, size):
    """Of four networks: every lottery is as likely as any other, every subset counts alike."""
    means = [
        np.mean([len(set(known)) / views for known in combinations(lottery, size)])
        for lottery in product(range(views), repeat=4)
    ]
    assert union_variance(views, 4, size) == pytest.approx(np.var(means), rel=1e-12, abs=1e-28)

"""Claims on races, summed views and the phase diagram: what they predict and how they observe."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from mvtheory.race import Setting, escape_time, grow
from validation.claims import decided_early, phase_diagram, summed_views, summed_views_growth
from validation.claims.decided_early import DECIDED_EARLY, SHARES
from validation.claims.phase_diagram import PHASE_DIAGRAM
from validation.claims.summed_views import SUMMED_VIEWS
from validation.claims.summed_views_growth import SUMMED_VIEWS_GROWTH
from validation.experiments import measure
from validation.experiments.reduced import race_setting
from validation.trial.claim import Measured


def measured(setting, replicates=2):
    tables: dict[str, list] = {}
    for replicate in range(replicates):
        for name, rows in measure(setting, 5, replicate).items():
            tables.setdefault(name, []).extend(row | {"replicate": replicate} for row in rows)
    return Measured(setting, replicates, {n: pd.DataFrame(rows) for n, rows in tables.items()})


def test_progress_under_the_exact_law_is_the_elapsed_time():
    setting = Setting(
        views=3, classes=5, neurons=5, power=4, deviation=0.02, samples=40, stages=((100, 1.0),)
    )
    dead = [0.0, 0.0, 0.0]
    start = np.array([[0.03, 0.02, 0.01], [0.02, 0.028, 0.0], [0.0, 0.0, 0.03], dead])
    first = escape_time(strength=0.03, drive=setting.drive(), power=4)
    times = np.linspace(0, 0.97 * first, 200)
    strengths = np.moveaxis(grow(start, setting.drive(), 4, times), -1, 0)
    leader, loser = decided_early.progress(strengths, times, setting)
    # Between stored steps the law is a straight line, so that nothing is interpolated away.
    np.testing.assert_allclose(leader, SHARES, rtol=1e-9)
    np.testing.assert_allclose(loser, SHARES, rtol=1e-9)
    # Too short a watch leaves every race out.
    none, _ = decided_early.progress(strengths[:20], times[:20], setting)
    assert not none.any()


def test_observed_races_follow_the_growth_law():
    """Forty-eight races: the deviation of a share of the way is below 0.1 each."""
    (setting,) = DECIDED_EARLY.settings("smoke")
    setting = replace(setting.shortened(60), networks=6, test_samples=50, sizes=(1,))
    samples = DECIDED_EARLY.observe(measured(setting))
    for expected, sample in zip(DECIDED_EARLY.expect(setting), samples, strict=True):
        assert abs(sample.values.mean() - expected.expected) < 0.1


def test_the_theory_sees_the_experiment_as_it_is():
    setting = next(s for s in PHASE_DIAGRAM.settings("quick") if s.single_views == 3)
    races = race_setting(setting)
    assert races.single_view_fraction == pytest.approx(setting.data.single_view_fraction)
    assert races.time == pytest.approx(setting.schedule.time)
    assert races.mean_power(4) == pytest.approx(setting.data.mean_power(4))
    assert phase_diagram.expect(setting)[0].series == "3.0"


def test_labels_tell_points_apart():
    for preset in ("quick", "standard", "full"):
        labels = [s.label for s in (*PHASE_DIAGRAM.settings(preset),
                                    *SUMMED_VIEWS.settings(preset))]  # fmt: skip
        assert len(set(labels)) == len(labels)


def test_sums_of_views_show_what_the_setting_says():
    setting = SUMMED_VIEWS.settings("quick")[1]
    many = replace(setting, training_samples=20_000)
    inputs, labels = many.sample(np.random.default_rng(0))
    features = inputs[:, : setting.features].reshape(-1, setting.classes, setting.views)
    own = features[np.arange(len(labels)), labels]
    assert np.count_nonzero(features) == np.count_nonzero(own)
    # One view is put into the share (1 - p)^M of blank samples: five standard errors of a share.
    p, views = setting.presence, setting.views
    expected = p + (1 - p) ** views / views
    assert abs((own > 0).mean() - expected) < 5 * 0.5 / (many.training_samples * views) ** 0.5
    alone, asked = setting.view_only(np.random.default_rng(0))
    assert (np.count_nonzero(alone[:, : setting.features], axis=1) == 1).all()
    assert np.bincount(asked).tolist() == [views * setting.repeats] * setting.classes
    with pytest.raises(ValueError, match="presence=0"):
        replace(setting, presence=0.0)
    with pytest.raises(ValueError, match="dimension=5"):
        replace(setting, dimension=5)


def test_the_two_claims_on_sums_contradict_each_other():
    assert SUMMED_VIEWS.refuted
    assert not SUMMED_VIEWS_GROWTH.refuted
    for setting in SUMMED_VIEWS.settings("full"):
        (one,) = summed_views.expect(setting)
        (all_of_them,) = summed_views_growth.expect(setting)
        assert one.high < all_of_them.low

"""What students are foretold to learn: views one after the other, in the time that there is."""

from dataclasses import replace

import numpy as np
import pytest

from mvtheory.race import dark_drive
from validation.claims.student_width import settings


@pytest.fixture(scope="module")
def by_views():
    return {setting.data.views: setting for setting in settings("standard")}


@pytest.mark.parametrize("growth", [0.0, 300.0, 3000.0])
def test_the_mean_over_starts_is_the_coverage_by_the_law(by_views, growth):
    # As if every view were driven alike, for which there is a closed form.
    setting = by_views[3]
    drawn = setting.taught_coverage(8, (growth, growth))
    # 24,000 classes drawn, whose coverage deviates by 1/3 at most.
    assert drawn == pytest.approx(setting.known(8, growth), abs=4 / 3 / 24_000**0.5)
    assert setting.taught_coverage(8, (growth, 0.3 * growth)) <= drawn
    two = by_views[2]
    assert two.taught_coverage(8, (growth,)) == two.known(8, growth)


def test_a_third_view_has_the_time_that_the_second_leaves(by_views):
    setting = replace(by_views[3], deviation=0.01)
    # Times of escape, in units of growth: 50, 2050 and 3050 at most; late growth comes first.
    waiting = 1 / np.array([100.0, 4100.0, 6100.0]) ** 0.5
    starts = np.broadcast_to(waiting, (1, setting.data.classes, 3))
    late = setting.late
    assert 0 < late < 2000
    needed = 2000 - late  # by the second, after which the third needs 1000
    for growths, views in [
        ((needed - 1, 10**6), 1), ((needed + 1, 0.0), 2), ((2 * needed, 1999.0), 2),
        ((2 * needed, 2001.0), 3), ((4 * needed, 1330.0), 2), ((4 * needed, 1340.0), 3),
    ]:  # fmt: skip
        assert setting.foretold(starts, growths) == pytest.approx(views / 3), growths


def test_growths_are_those_of_a_student_that_knows_so_many_views(by_views):
    setting = by_views[3]
    lesson, time = setting.lesson_of(), setting.softened.time
    growths = setting.taught_at(8.0)
    assert growths == tuple(time * dark_drive(lesson, 8.0, known) for known in (1, 2))
    assert setting.taught_by(8.0, 8.0) == growths
    assert setting.untaught == (0.0, 0.0)
    assert len(by_views[2].taught_at(8.0)) == 1

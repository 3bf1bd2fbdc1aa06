"""How claims read the tables of a lesson: what networks must have fitted, and what they cover."""

from typing import TYPE_CHECKING

from validation.experiments.fitted import fits, fitted
from validation.experiments.teaching.setting import TEACHER, TeachingSetting, after_views
from validation.trial.claim import Expectation, Measured, Sample, means

if TYPE_CHECKING:
    import pandas as pd


def require(setting: TeachingSetting) -> list[Expectation]:
    """Networks must fit their training data before anything is said of what they know."""
    return [_fits(setting, "teachers"), _fits(setting, "students")]


def check(measured: Measured) -> list[Sample]:
    table = measured.tables["networks"]
    teachers = table["role"] == TEACHER
    return [fitted(measured, table[chosen]) for chosen in (teachers, ~teachers)]


def require_networks(setting: TeachingSetting) -> list[Expectation]:
    """As `require`, for networks without teachers among them."""
    return [_fits(setting, "networks")]


def check_networks(measured: Measured) -> list[Sample]:
    table = measured.tables["networks"]
    # In a curriculum, those that have seen every view.
    on_their_way = [after_views(views) for views in range(1, measured.setting.data.views)]
    return [fitted(measured, table[~table["role"].isin(on_their_way)])]


def _fits(setting: TeachingSetting, who: str) -> Expectation:
    # A class still late in its race is not known at all, which lowers the coverage by its share
    # over M: by half the margin at most.
    late = setting.data.views * setting.margin() / 2
    return fits(setting, 1 - late, late / 3, who)


def coverage_of(measured: Measured, role: str) -> Sample:
    """Mean coverage of the networks of a role, a value a replicate, adjusted."""
    table = measured.tables["networks"]
    return adjusted(table[table["role"] == role])


def ensemble_of(measured: Measured, role: str, size: int) -> Sample:
    """Mean coverage of ensembles of `size` networks of a role, a value a replicate, adjusted."""
    return adjusted(_ensembles(measured, role, size))


def ensemble_by_replicate(measured: Measured, role: str, size: int) -> Sample:
    """As `ensemble_of`, as it was measured."""
    return Sample.of(means(_ensembles(measured, role, size), "coverage"))


def _ensembles(measured: Measured, role: str, size: int) -> "pd.DataFrame":
    table = measured.tables["ensembles"]
    return table[(table["role"] == role) & (table["size"] == size)]


def coverage_by_replicate(measured: Measured, role: str) -> Sample:
    """Mean coverage of the networks of a role, a value a replicate, as it was measured."""
    table = measured.tables["networks"]
    return Sample.of(means(table[table["role"] == role], "coverage"))


def adjusted(rows: "pd.DataFrame") -> Sample:
    """Coverage less what is due to which views won, by replicate.

    Initial weights foretell the winners, so the union of the views of the networks behind a
    student is known before training. Its mean over initial weights is exactly the mean over classes
    and views of 1 - (1 - P)^n for n of them, P the odds of the view in these very samples (see
    `mvtheory.race.win_probabilities`); that is a little less than 1 - (1 - 1/M)^n, because the
    networks share their samples. Taking `by_starts` out and putting `in_the_mean` in changes no
    mean and removes the lottery's own variance (a control variate).
    """
    rows = rows.assign(value=rows["coverage"] - rows["by_starts"] + rows["in_the_mean"])
    return Sample.of(means(rows, "value"))


def error_of(measured: Measured, role: str) -> Sample:
    """Share of single-view test samples put wrong, adjusted in the same way."""
    table = measured.tables["networks"]
    rows = table[table["role"] == role]
    # An unknown view is an error: what coverage is above its mean, the error is below it.
    due = rows["by_starts"] - rows["in_the_mean"]
    rows = rows.assign(value=rows["single_view_error"] + due)
    return Sample.of(means(rows, "value"))

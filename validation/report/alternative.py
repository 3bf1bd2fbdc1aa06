"""What a figure of a claim shows, in words, for who does not see it."""

from collections.abc import Mapping, Sequence

from validation.report.maps import is_inside
from validation.report.panels import series_of
from validation.report.words import claimed, is_bound, number
from validation.trial.claim import Comparison


def alternative(labels: Mapping[str, Sequence[str]], comparisons: Sequence[Comparison]) -> str:
    """A sentence for each panel: its axes, what each series does, how many keep to their range.

    Parameters
    ----------
    labels : mapping of str to two or three str
        Of each panel: of x, of y and, for a map, of the colour.
    comparisons : sequence of Comparison
    """
    said = []
    for panel, names in labels.items():
        rows = [own for own in comparisons if own.expectation.panel == panel]
        if rows:
            said.append(_panel(panel, names, rows))
    return " ".join(said) or "Nothing is finished yet that could be drawn."


def _panel(panel: str, names: Sequence[str], rows: list[Comparison]) -> str:
    axes = [" ".join(name.split()) for name in names]
    inside = sum(map(is_inside, rows))
    head = f"{panel}: {axes[-1]} against {' and '.join(axes[:-1])}"
    if len(axes) == 2:
        series = series_of(rows)
        many = len(series) > 1
        parts = [(f"{name}, " if many else "") + _course(own) for name, own in series.items()]
    else:
        parts = [_course(rows)]
    return f"{head}. {'; '.join(parts)}. {inside} of {len(rows)} means are inside their ranges."


def _course(rows: list[Comparison]) -> str:
    """From where to where theory and observation go."""
    observed = _ends([row.observed for row in rows])
    expected = [row.expectation for row in rows]
    if not any(map(is_bound, expected)):
        return f"theory {_ends([own.expected for own in expected])}, observed {observed}"
    bounds = dict.fromkeys(map(claimed, expected))
    return f"claimed {' and then '.join(bounds)}, observed {observed}"


def _ends(values: list[float]) -> str:
    if len(values) == 1:
        return number(values[0])
    if values in (sorted(values), sorted(values, reverse=True)):
        return f"from {number(values[0])} to {number(values[-1])}"
    return f"between {number(min(values))} and {number(max(values))}"

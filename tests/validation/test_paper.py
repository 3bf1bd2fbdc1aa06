"""Figures for papers: as wide as said, vectors, text as text."""

import re

import by_hand
import pytest

from validation.report.letters import are_apart, inches, with_room
from validation.report.paper import WIDTHS, write_figure
from validation.trial.claim import Comparison, Expectation, Verdict


def results(panels):
    rows = [
        Comparison(
            Expectation(panel, "series of a long name, K = 100", x, 0.5, 0.4, 0.6, 0.1),
            0.52, 0.01, (0.5, 0.54), 6, Verdict.HOLDS, exact=False,
        )
        for panel in panels
        for x in (1, 2, 5)
    ]  # fmt: skip
    labels = {panel: ("number of networks N", "coverage") for panel in panels}
    return by_hand.conclusion(by_hand.record("claim", comparisons=rows, panels=labels))


@pytest.mark.parametrize("columns", [1, 2])
@pytest.mark.parametrize("panels", ["a", "ab", "abcde"])
def test_figures_are_as_wide_as_columns_of_a_paper(tmp_path, columns, panels):
    text = write_figure(results(panels), "claim", tmp_path / "f.svg", columns).read_text()
    width = float(re.search(r'width="([\d.]+)pt"', text)[1])
    assert width == pytest.approx(72 * WIDTHS[columns], abs=0.01)
    # Text is text, and of it nothing lies beyond the border.
    assert "number of networks N" in text
    places = re.findall(r'<text [^>]*?(?:\bx="|translate\()([\d.-]+)', text)
    assert len(places) > 10
    assert all(0 <= float(x) <= width for x in places)


def test_a_pdf_has_its_letters_and_the_same_bytes_each_time(tmp_path):
    one, two = (
        write_figure(results("ab"), "claim", tmp_path / name) for name in ("one.pdf", "two.pdf")
    )
    data = one.read_bytes()
    assert data == two.read_bytes()
    assert data.startswith(b"%PDF")
    assert b"/FontFile2" in data  # TrueType, not outlines
    assert b"/Subtype /Image" not in data


def test_words_have_room_or_are_left_out():
    assert inches("wide\nwider still", 10) == inches("wider still", 10) > inches("wide", 10)
    assert inches("abc", 20) == pytest.approx(2 * inches("abc", 10))
    names = ["0.599", "0.6", "0.7", "1"]
    at = [0.0, 0.01, 0.4, 1.0]
    assert not are_apart(at, names, 10, 3.0)
    assert with_room(at, names, 10, 3.0) == ["0.599", "", "0.7", "1"]
    # The last number is worth more than one next to it.
    assert with_room([0.0, 0.95, 1.0], ["1", "9", "10"], 10, 2.0) == ["1", "", "10"]
    assert with_room([0.5], ["1"], 10, 1.0) == ["1"]
    assert with_room([], [], 10, 1.0) == []

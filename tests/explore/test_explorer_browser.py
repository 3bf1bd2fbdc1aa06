"""The page in Chromium: sliders are moved, and its numbers are those of Python."""

import math
from functools import partial

import numpy as np
import pytest
from driven import DOWN, LEFT, NAMES, RIGHT

from mvtheory.explore.closed import Closed


def onwards(control):
    """The key that moves a control from its place: to the right, or from there to the left."""
    if control.tag_name == "select":
        return DOWN
    return LEFT if control.get_attribute("value") == control.get_attribute("max") else RIGHT


def agree(shown, expected, rel):
    assert [name for name, _ in shown] == list(expected)
    for name, value in shown:
        wanted = expected[name]
        # Text, or null for what is not finite.
        if isinstance(wanted, str) or not math.isfinite(wanted):
            assert value == (wanted if isinstance(wanted, str) else None), name
        else:
            assert value == pytest.approx(wanted, rel=rel, abs=rel), name


@pytest.mark.parametrize("name", NAMES)
def test_sliders_move_what_python_computes(live, panels, name):
    (panel,) = (own for own in panels if own.name == name)
    shown = live(name)
    for control in panel.controls:
        slider = shown.find(f"[data-control={control.name}] :is(input[type=range], select)")
        if not slider.is_displayed():
            continue
        before = shown.values()[control.name]
        shown.after(partial(slider.send_keys, onwards(slider)))
        assert shown.values()[control.name] != before
        assert shown.find(".wrong").text == ""
    values = panel.read(shown.values())
    # JSON keeps the digits of doubles.
    agree(shown.numbers(), panel.picture(**values).numbers, rel=1e-15)
    assert shown.find("pre").text == panel.call(**values)
    said = [row.text for row in shown.browser.find_elements("css selector", "tbody td")]
    assert len(said) == len(shown.numbers())
    assert float(shown.run("return current.root.dataset.ms")) > 0


def test_closed_forms_in_javascript_are_those_of_python(alone, panels):
    for panel in panels:
        if not isinstance(panel.picture, Closed):
            continue
        shown, rng = alone(panel.name), np.random.default_rng(7)
        for _ in range(4):
            for control in panel.controls:
                shown.type_in(control.name, str(rng.choice(control.values)))
            values = panel.read(shown.values())
            # 1 - (1 - 1/M)^N in doubles: up to N roundings of numbers below 1.
            agree(shown.numbers(), panel.picture(**values).numbers, rel=20 * 2.0**-52)
            lines = shown.run("return current.picture.plots.map(p => p.series.map(s => s.y))")
            for plot, drawn in zip(panel.picture(**values).plots, lines, strict=True):
                for series, y in zip(plot.series, drawn, strict=True):
                    np.testing.assert_allclose(y, series.y, rtol=20 * 2.0**-52, atol=20 * 2.0**-52)


def test_what_was_computed_beforehand_is_shown(alone, panels):
    for panel in panels:
        if isinstance(panel.picture, Closed):
            continue
        shown = alone(panel.name)
        moved = False
        for control in panel.controls:
            box = shown.find(f"[data-control={control.name}]")
            sliders = box.find_elements("css selector", "input[type=range]:enabled")
            if sliders and box.is_displayed():
                shown.after(partial(sliders[0].send_keys, onwards(sliders[0])))
                moved = True
        assert moved
        values = panel.read(shown.values())
        # Rounded to eight digits: half a unit of the eighth.
        agree(shown.numbers(), panel.picture(**values).numbers, rel=5e-8)
        assert "beforehand" in shown.find(".grid").text


def test_controls_of_other_laws_are_hidden(live):
    shown = live("spectra")
    assert not shown.find("[data-control=degree]").is_displayed()
    choice = shown.find("[data-control=law] select")
    shown.after(lambda: choice.send_keys("kesten"))
    assert shown.find("[data-control=degree]").is_displayed()
    assert not shown.find("[data-control=aspect_ratio]").is_displayed()
    assert "KestenMcKay(degree=3)" in shown.find("pre").text


@pytest.mark.parametrize("where", ["live", "alone"])
def test_what_is_wrong_is_said_in_one_line(browser, request, where):
    shown = request.getfixturevalue(where)("coverage")
    shown.type_in("views", "99")
    words = shown.find(".wrong").text
    assert "views=99" in words
    assert "1 <= views <= 12" in words
    shown.type_in("views", "3")
    assert shown.find(".wrong").text == ""
    assert "views=3" in shown.find("pre").text
    browser.get_log("browser")  # a refused request is told there too

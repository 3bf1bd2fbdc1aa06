"""The page in Chromium: sliders moved, numbers compared with Python, and how it looks."""

import csv
import math
import time
from functools import partial

import numpy as np
import pytest

from mvtheory.explore.closed import Closed

NAMES = ("coverage", "winner", "growth", "phase", "spectra", "distillation", "size")
PATIENCE = 60
"""Seconds for a number that has to be estimated, on a machine that does much else."""
LEAST_CONTRAST, LEAST_OF_LINES = 4.5, 3.0
"""WCAG 2.2, level AA: of text, success criterion 1.4.3, and of graphics, 1.4.11."""


TAB, LEFT, RIGHT, DOWN = "\ue004", "\ue012", "\ue014", "\ue015"
"""Keys as WebDriver sends them."""


def until(found, what):
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if value := found():
            return value
        time.sleep(0.02)
    raise AssertionError(what)


class Page:
    """One panel in the browser."""

    def __init__(self, browser, address, name):
        self.browser, self.name = browser, name
        browser.get("about:blank")
        browser.get(f"{address}#{name}")
        until(lambda: self.moves() > 0, f"{name} is never drawn")

    def run(self, script, *arguments):
        return self.browser.execute_script(script, *arguments)

    def find(self, selector):
        return self.browser.find_element("css selector", selector)

    def moves(self):
        return int(self.run("return document.querySelector('main > section')?.dataset.moves ?? 0"))

    def after(self, act):
        """Do something, and wait until it is drawn."""
        before = self.moves()
        act()
        until(lambda: self.moves() > before, f"{self.name}: nothing was drawn")
        until(lambda: not self.run("return current.busy"), f"{self.name}: still drawing")

    def values(self):
        return {name: str(value) for name, value in self.run("return current.values").items()}

    def numbers(self):
        return self.run("return current.picture.numbers")

    def type_in(self, control, text):
        field = self.find(f"[data-control={control}] input[type=text]")
        self.run("arguments[0].value = arguments[1]", field, text)
        event = "arguments[0].dispatchEvent(new Event('change', {bubbles: true}))"
        self.after(lambda: self.run(event, field))


@pytest.fixture
def live(browser, server):
    def open_page(name):
        return Page(browser, server.address, name)

    browser.get_log("browser")
    yield open_page
    assert browser.get_log("browser") == []


@pytest.fixture
def alone(browser, page):
    def open_page(name):
        return Page(browser, page.as_uri(), name)

    browser.get_log("browser")
    yield open_page
    assert browser.get_log("browser") == []


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


@pytest.mark.parametrize("where", ["live", "alone"])
def test_nothing_is_wider_than_a_phone(browser, request, where):
    phone = {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", phone)
    try:
        for name in NAMES:
            shown = request.getfixturevalue(where)(name)
            assert shown.run("return innerWidth") == 390
            assert shown.run("return document.documentElement.scrollWidth") <= 390, name
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


CONTRASTS = """
const parse = (text) => text.match(/[\\d.]+/g).map(Number);
const light = (colour) => {
  const [r, g, b] = colour.map((part) => part / 255)
    .map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const contrast = (a, b) => {
  const [low, high] = [light(a), light(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
};
const paper = (element) => {
  for (let own = element; own; own = own.parentElement) {
    const colour = parse(getComputedStyle(own).backgroundColor);
    if (colour.length === 3 || colour[3] > 0) return colour.slice(0, 3);
  }
};
const behind = (text) => {  // the cell of a map under its number
  const cell = text.previousElementSibling;
  return cell?.tagName === "rect" && text.getAttribute("text-anchor") === "middle"
    && cell.getAttribute("fill").startsWith("rgb") ? parse(cell.getAttribute("fill")) : null;
};
const said = (element) => element.textContent || element.value;
const texts = [], lines = [];
for (const element of document.querySelectorAll("body *")) {
  const style = getComputedStyle(element);
  if (!element.checkVisibility() || style.display === "none") continue;
  const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
  const field = element.type === "text" || ["SELECT", "OUTPUT"].includes(element.tagName);
  if (element.closest("svg")) {
    if (element.tagName === "text")
      texts.push([contrast(parse(style.fill), behind(element) || paper(element)), said(element)]);
    if (element.tagName === "path" && element.getAttribute("stroke-width") === "2")
      lines.push([contrast(parse(style.stroke), paper(element)), "line"]);
  } else if (own || field) {
    texts.push([contrast(parse(style.color), paper(element)), said(element)]);
  }
}
return [texts, lines];
"""


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_contrast_is_enough(browser, live, theme):
    feature = {"name": "prefers-color-scheme", "value": theme}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})
    try:
        seen = 0
        for name in NAMES:
            texts, lines = live(name).run(CONTRASTS)
            assert min(texts)[0] >= LEAST_CONTRAST, (name, min(texts))
            assert min(lines, default=[21])[0] >= LEAST_OF_LINES, (name, min(lines))
            seen += len(texts) + len(lines)
        assert seen > 20 * len(NAMES)
        shown = browser.execute_script("return getComputedStyle(document.body).backgroundColor")
        assert (shown == "rgb(255, 255, 255)") == (theme == "light")
    finally:
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def test_everything_is_reached_by_the_keyboard(live):
    shown = live("growth")
    script = """
      document.activeElement.blur();
      const order = [...document.querySelectorAll('a, input, select, button, [tabindex="0"]')]
        .filter((own) => own.checkVisibility() && !own.disabled && own.tabIndex >= 0);
      return order.map((own) => own.id || own.dataset.copy || own.dataset.file || own.hash
        || own.getAttribute('aria-label'));
    """
    wanted = shown.run(script)
    assert {"#coverage", "control-power", "SVG", "CSV", "LaTeX", "Python"} <= set(wanted)
    from selenium.webdriver.common.action_chains import ActionChains

    reached = []
    for _ in wanted:
        ActionChains(shown.browser).send_keys(TAB).perform()
        reached.append(shown.run("""
          const own = document.activeElement;
          return own.id || own.dataset.copy || own.dataset.file || own.hash
            || own.getAttribute('aria-label');
        """))  # fmt: skip
    assert reached == wanted
    unnamed = """
      return [...document.querySelectorAll('input, select')]
        .filter((own) => !own.labels.length && !own.ariaLabel).length;
    """
    assert shown.run(unnamed) == 0


def test_figures_are_downloaded_with_their_numbers(live, browser, tmp_path):
    behaviour = {"behavior": "allow", "downloadPath": str(tmp_path)}
    browser.execute_cdp_cmd("Browser.setDownloadBehavior", behaviour)
    shown = live("winner")
    shown.find("[data-file=SVG]").click()
    shown.find("[data-file=CSV]").click()
    table, drawing = (tmp_path / f"mvtheory-winner.{kind}" for kind in ("csv", "svg"))
    until(lambda: table.exists() and drawing.exists(), "nothing was downloaded")
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    series = shown.run("return current.picture.plots[0].series")
    points = [
        (own["name"], *pair) for own in series for pair in zip(own["x"], own["y"], strict=True)
    ]
    assert [(row["name"], float(row["x"]), float(row["y"])) for row in rows] == points
    from xml.etree import ElementTree

    text = drawing.read_text(encoding="utf-8")
    root = ElementTree.fromstring(text)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert all(label in text for label in ("probability to win", "view 3", "S_2 = 0.8"))


def test_equation_and_call_are_copied(live, browser, panels):
    origin = live("coverage").run("return location.origin")
    grant = {"origin": origin, "permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]}
    browser.execute_cdp_cmd("Browser.grantPermissions", grant)
    shown = live("coverage")
    read = "navigator.clipboard.readText().then(arguments[0])"
    shown.find("[data-copy=Python]").click()
    until(lambda: "copied" in shown.find("[role=status]").text, "nothing was copied")
    assert browser.execute_async_script(read) == shown.find("pre").text
    shown.find("[data-copy=LaTeX]").click()
    until(lambda: "LaTeX copied" in shown.find("[role=status]").text, "nothing was copied")
    (panel,) = (own for own in panels if own.name == "coverage")
    (equations,) = panel.described(coarse=False)["equations"].values()
    copied = browser.execute_async_script(read)
    assert copied.splitlines() == [equation["latex"] for equation in equations]

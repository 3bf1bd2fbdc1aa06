"""The page in Chromium: how it looks, how it is reached, and what is taken away from it."""

import csv
from xml.etree import ElementTree

import pytest
from driven import NAMES, TAB, until

LEAST_CONTRAST, LEAST_OF_LINES = 4.5, 3.0
"""WCAG 2.2, level AA: of text, success criterion 1.4.3, and of graphics, 1.4.11."""


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


@pytest.mark.parametrize("where", ["live", "alone"])
def test_drawings_are_drawn_as_wide_as_they_are_shown_from_the_first(request, where):
    """Otherwise their text would be larger or smaller than that of the page."""
    for name in NAMES:
        shown = request.getfixturevalue(where)(name)
        widths = shown.run(
            "return [...document.querySelectorAll('figure svg')].map("
            "(own) => [own.viewBox.baseVal.width, own.getBoundingClientRect().width])"
        )
        assert widths
        for drawn, seen in widths:
            assert abs(drawn - seen) < 1, name  # of whole pixels


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

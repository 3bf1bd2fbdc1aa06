"""A page of the explorer in the browser, as the tests drive it."""

import time

NAMES = ("coverage", "winner", "growth", "phase", "spectra", "distillation", "size")
PATIENCE = 120
"""Seconds for a number that has to be estimated, on a machine that does much else."""
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

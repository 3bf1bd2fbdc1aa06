"""How long the explorer's page takes from the move of a slider to the frame that shows its effect.

Usage: python benchmarks/explore.py [--moves 12] [--record FILE]

Every slider of every panel is moved in a headless Chromium, on the page of the
server and on the one that needs none, first once unmeasured. Times are the page's own, from the
time stamp of the event to the task after the next frame. Prints Markdown. Needs the extra "test",
Chromium and its driver.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from selenium import webdriver

FRAME = """
const [section, done] = [document.querySelector('main > section'), arguments[1]];
const before = Number(section.dataset.moves);
const look = () => Number(section.dataset.moves) > before ? done(Number(section.dataset.ms))
  : setTimeout(look, 3);
const slider = arguments[0];
slider.value = Number(slider.value) < Number(slider.max) ? Number(slider.value) + 1 : 0;
slider.dispatchEvent(new Event('input', {bubbles: true}));
look();
"""


def chromium(profile: str) -> webdriver.Chrome:
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or shutil.which("google-chrome") or ""
    for flag in ("--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={profile}"):
        options.add_argument(flag)
    driver = webdriver.ChromeService(shutil.which("chromedriver"))
    return webdriver.Chrome(options=options, service=driver)


def times(browser: webdriver.Chrome, address: str, panel: str, moves: int) -> list[float]:
    browser.get("about:blank")
    browser.get(f"{address}#{panel}")
    drawn = "return Number(document.querySelector('main > section')?.dataset.moves ?? 0)"
    while not browser.execute_script(drawn):
        time.sleep(0.05)
    found = []
    for slider in browser.find_elements("css selector", "input[type=range]:enabled"):
        if slider.is_displayed():
            browser.execute_async_script(FRAME, slider)
            found += [browser.execute_async_script(FRAME, slider) for _ in range(moves)]
    return found


def rows(browser: webdriver.Chrome, address: str, what: str, moves: int) -> list[str]:
    browser.get(address)
    panels = browser.execute_script("return STATE.panels.map((panel) => panel.name)")
    lines = []
    for panel in panels:
        found = sorted(times(browser, address, panel, moves))
        late = found[min(len(found) - 1, int(0.95 * len(found)))]
        lines.append(
            f"| {what} | {panel} | {len(found)} | {statistics.median(found):.0f} | {late:.0f} | "
            f"{found[-1]:.0f} |"
        )
        print(lines[-1], flush=True)
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--moves", type=int, default=12, help="of each slider")
    parser.add_argument("--record", type=Path, help="write the table there too")
    asked = parser.parse_args()
    command = [sys.executable, "-m", "mvtheory", "explore"]
    head = [
        "`python benchmarks/explore.py`: milliseconds from the move of a slider to the frame that "
        f"shows it; {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the start.",
        "",
        "| page | panel | moves | median | 95 % | longest |",
        "|---|---|---|---|---|---|",
    ]
    print("\n".join(head), flush=True)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "explore.html"
        subprocess.run([*command, "--export", str(file)], check=True, stdout=subprocess.DEVNULL)
        browser = chromium(f"{folder}/profile")
        server = subprocess.Popen([*command, "--no-browser"], stdout=subprocess.PIPE, text=True)
        try:
            address = server.stdout.readline().split()[1]
            lines = rows(browser, address, "server", asked.moves)
            lines += rows(browser, file.as_uri(), "file", asked.moves)
        finally:
            browser.quit()
            server.terminate()
            server.wait()
    if asked.record:
        asked.record.write_text("\n".join([*head, *lines]) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

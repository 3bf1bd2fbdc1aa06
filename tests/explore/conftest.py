"""The explorer's panels, made once, and a browser where there is one."""

import shutil
import threading

import pytest
from driven import Page

from mvtheory.explore import outputs
from mvtheory.explore.page import exported
from mvtheory.explore.panels import all_panels
from mvtheory.explore.server import Explorer


@pytest.fixture(scope="package")
def panels():
    return all_panels(outputs.distillation_from_example(), outputs.members_from_example())


@pytest.fixture(scope="package")
def server(panels):
    with Explorer(panels) as explorer:
        thread = threading.Thread(target=explorer.serve_forever, args=(0.05,))
        thread.start()
        yield explorer
        explorer.shutdown()
        thread.join()


@pytest.fixture(scope="package")
def page(panels, tmp_path_factory):
    """The page that needs no server, as a file."""
    file = tmp_path_factory.mktemp("page") / "explore.html"
    file.write_text(exported(panels), encoding="utf-8")
    return file


@pytest.fixture(scope="package")
def browser(tmp_path_factory):
    webdriver = pytest.importorskip("selenium.webdriver", reason="selenium drives the browser")
    names = ("chromium", "chromium-browser", "google-chrome")
    binary = next(filter(None, map(shutil.which, names)), None)
    driver = shutil.which("chromedriver")
    if binary is None or driver is None:
        pytest.skip("no Chromium with its chromedriver is installed")
    options = webdriver.ChromeOptions()
    options.binary_location = binary
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    profile = tmp_path_factory.mktemp("profile")
    for flag in ("--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={profile}"):
        options.add_argument(flag)
    chrome = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
    yield chrome
    chrome.quit()


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

"""What says which version this is says the same everywhere."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_one_version():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.findall(r"^version: (.*)$", citation, flags=re.MULTILINE) == [project["version"]]
    assert re.findall(r"^## \[(\d.*?)\]", changes, flags=re.MULTILINE)[0] == project["version"]

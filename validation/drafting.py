"""A claim's file to begin with: whole, tested before training, to be put in one's own words."""

import re
from importlib.resources import files
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

from validation.claims import CHAPTERS, CLAIMS
from validation.testing import check_claim

TEST = """\"\"\"The claim in @module@ keeps the contract.\"\"\"

from @module@ import @constant@

from validation.testing import check_claim


def test_the_contract():
    check_claim(@constant@)
"""
NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


def draft(name: str, folder: Path) -> Path:
    """Write FOLDER/NAME.py, hyphens as underscores, and FOLDER/test_NAME.py; the first's path.

    The claim that is written has gone through the contract of claims, but for training.

    Parameters
    ----------
    name : str
        Of the claim: words of small letters and digits, joined by hyphens; no other claim's.
    folder : Path
        Where it is written; nothing there is overwritten.

    Raises
    ------
    ValueError
        The name is another claim's or no name, the file is there, or its folder is not.
    """
    if not NAME.fullmatch(name):
        raise ValueError(
            f"NAME={name!r} is not allowed: words of small letters and digits, joined by hyphens, "
            "such as views-agree"
        )
    if name in CLAIMS or name in CHAPTERS:
        raise ValueError(f"NAME={name!r} is taken by a claim or a chapter; give a name of its own")
    if not folder.is_dir():
        raise ValueError(f"folder={str(folder)!r} is no folder: make it first")
    module = name.replace("-", "_")
    path, test = folder / f"{module}.py", folder / f"test_{module}.py"
    for own in (path, test):
        if own.exists():
            raise ValueError(f"{str(own)!r} is there and is not overwritten; give another name")
    text = files("validation").joinpath("claim_draft.txt").read_text(encoding="utf-8")
    words = {
        "name": name,
        "module": module,
        "constant": module.upper(),
        "title": name.replace("-", " ").capitalize(),
    }
    for file, content in ((path, text), (test, TEST)):
        for key, value in words.items():
            content = content.replace(f"@{key}@", value)
        file.write_text(content, encoding="utf-8")
    claim = getattr(_loaded(path), words["constant"])
    check_claim(claim, presets=("smoke", "quick"), measured=())
    return path


def _loaded(path: Path) -> ModuleType:
    spec = spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module

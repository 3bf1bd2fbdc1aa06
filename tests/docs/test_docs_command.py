"""`python -m mvtheory.docs` where it cannot build: one line that says what to do."""

import pytest

from mvtheory import docs


def test_without_a_checkout_it_says_so(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(docs, "ROOT", tmp_path)
    monkeypatch.setattr("sys.argv", ["docs", "--build-only"])
    assert docs.load()() == 2
    said = capsys.readouterr().err
    assert said.startswith("mvtheory.docs: the sources of the documentation are not beside")
    assert "checkout" in said
    assert said.count("\n") == 1


def test_without_the_extra_it_names_it():
    with pytest.raises(
        ValueError, match=r'no_such_module is missing: pip install "mvtheory\[docs\]"'
    ):
        docs.check_extra(("json", "no_such_module"))
    docs.check_extra(("json",))


def test_this_is_a_checkout():
    docs.check_checkout(docs.ROOT)

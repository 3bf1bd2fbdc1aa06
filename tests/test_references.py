"""Sources point into the one bibliography."""

import pytest

from mvtheory.references import Source, bibliography


def test_every_entry_has_what_a_citation_needs():
    assert len(bibliography()) >= 3
    for key, entry in bibliography().items():
        assert {"author", "short", "title", "year"} <= set(entry), key
        assert str(Source(key)) == f"{entry['short']} ({entry['year']})"


def test_an_unknown_key_is_an_error():
    with pytest.raises(ValueError, match=r"key='nobody2020' is not in references.bib"):
        Source("nobody2020", "Theorem 1")

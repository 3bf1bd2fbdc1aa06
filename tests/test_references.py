"""Sources point into the one bibliography."""

import pytest

from mvtheory.references import Credit, Source, bibliography


def test_every_entry_has_what_a_citation_needs():
    assert len(bibliography()) >= 3
    for key, entry in bibliography().items():
        assert {"author", "short", "title", "year"} <= set(entry), key
        assert str(Source(key)) == f"{entry['short']} ({entry['year']})"


def test_an_unknown_key_is_an_error():
    with pytest.raises(ValueError, match=r"key='nobody2020' is not in references.bib"):
        Source("nobody2020", "Theorem 1")


def test_a_credit_names_its_works_in_words():
    bound, law = Source("mobahi2020", "Section 3"), Source("saxe2022")
    credit = Credit("ours, from {1} and {0.entry[short]} ({0.place}), {0.entry[year]}", bound, law)
    assert credit.works == (bound, law)
    assert str(credit) == (
        "ours, from Saxe, Sodhani & Lewallen (2022) and Mobahi, Farajtabar & Bartlett (Section 3), "
        "2020"
    )
    assert credit == Credit(credit.words, bound, law) != Credit(credit.words, law, bound)
    assert str(Credit("ours")) == "ours"
    for words in ("{} and {}", "{1}", "{0.entry[city]}", "{0.town}", "{"):
        with pytest.raises(ValueError, match="cannot be filled in with 1 sources"):
            Credit(words, law)

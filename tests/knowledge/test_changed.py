from knowledge.ranking import Document, Index, build, changed, nbytes, rank

BASE = [
    Document("delivery", ("How long does delivery take?", "When will my order arrive?"), "Three days."),
    Document("returns", ("Can I send something back?", "What is your return policy?"), "Within thirty days."),
    Document("payment", ("How can I pay?", "Do you take credit cards?"), "Card, PayPal or Klarna."),
]
INDEX = build(BASE)
GRAVEL = Document("gravel", ("Do you sell zeolite?", "Which gravel for a bonsai?"), "Akadama and kanuma.")


def ids(index: Index, question: str) -> list[str]:
    return [candidate.id for candidate in rank(index, question).candidates]


def test_an_added_entry_is_found_at_once_by_words_the_base_never_saw() -> None:
    assert "gravel" not in ids(INDEX, "zeolite")
    index = changed(INDEX, [GRAVEL], ())
    for question in ("zeolite", "got any zeolites?", "do you sell zeolit", "gravel for bonsai please", "kanuma"):
        assert ids(index, question)[0] == "gravel"
    assert ids(index, "when does my order arrive")[0] == "delivery"


def test_a_removed_entry_is_never_found_again_by_phrasing_or_answer() -> None:
    index = changed(INDEX, (), {"payment"})
    for question in ("How can I pay?", "klarna", "do you take credit cards", "order"):
        assert "payment" in ids(INDEX, question) or question == "order"
        assert "payment" not in ids(index, question)


def test_an_edited_entry_is_found_by_its_new_words_and_no_longer_by_its_old_ones() -> None:
    edited = Document("payment", ("Is there a discount for students?",), "Ten percent.")
    index = changed(INDEX, [edited], {"payment"})
    assert ids(index, "student discount")[0] == "payment"
    assert "payment" not in ids(index, "klarna")
    again = changed(index, [BASE[2]], {"payment"})
    assert ids(again, "klarna")[0] == "payment"
    assert "payment" not in ids(again, "student discount")


def test_an_index_is_a_value_that_changes_leave_alone() -> None:
    changed(INDEX, [GRAVEL], {"delivery"})
    assert ids(INDEX, "when will my order arrive")[0] == "delivery"
    assert "gravel" not in ids(INDEX, "zeolite")


def test_an_index_counts_the_phrasings_that_changed_since_it_was_built() -> None:
    assert INDEX.stale == 0
    index = changed(INDEX, [GRAVEL], {"delivery", "unheard of"})
    assert index.stale == 4
    assert changed(index, (), {"gravel"}).stale == 6


def test_all_entries_can_go_and_others_come() -> None:
    empty = changed(INDEX, (), {document.id for document in BASE})
    assert ids(empty, "how can i pay") == []
    assert ids(changed(empty, [GRAVEL], ()), "gravel") == ["gravel"]
    assert ids(changed(build([]), [GRAVEL], ()), "gravel") == ["gravel"]


def test_a_larger_index_takes_more_memory() -> None:
    assert 0 < nbytes(build([])) < nbytes(INDEX) < nbytes(changed(INDEX, [GRAVEL], ()))

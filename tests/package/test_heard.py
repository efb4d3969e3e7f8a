from __future__ import annotations

from limen.heard import Heard, Reading


def test_a_reading_shows_the_unread_first_and_keeps_everything_in_the_data() -> None:
    unread = tuple(Heard("word", "", f"w{i}", "not recognised") for i in range(12))
    reading = Reading((Heard("medicine", "lithium", "Priadel"),), unread=unread)
    assert not reading.complete
    assert reading.as_text()[0].startswith("not read: 'w0'")
    assert reading.as_text()[0].endswith("and 4 more")
    assert reading.as_text()[1] == "understood: lithium, written 'Priadel'"
    assert len(reading.as_data()["not_read"]) == 12


def test_only_a_reading_without_guess_or_gap_is_complete() -> None:
    said, guess = (Heard("medicine", "lithium", "lithium"),), (Heard("medicine", "lithium", "litium"),)
    assert Reading(said, denied=said).complete
    assert not (Reading(said) + Reading(guessed=guess)).complete


def test_marks_that_turn_text_are_not_shown() -> None:
    assert str(Heard("word", "", "\u202elithium\x1b[2J")) == "'lithium [2J'"

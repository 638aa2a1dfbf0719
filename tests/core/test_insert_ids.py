"""Ids made of an event's content: the same each time, and one for each of those that are alike."""

import random

from mixpanel_mcp_core.imports.insert_ids import RepeatedTwins, Twins, insert_id


def test_little_memory_numbers_twins_as_much_memory_does() -> None:
    """Whatever comes how often in whatever order, both count it alike."""
    chance = random.Random(7)
    prints = [chance.randbytes(32) for _ in range(3000)]
    events = chance.choices(prints, k=9000)
    few = RepeatedTwins(lambda: events)
    assert few.numbers(events[:10]) + few.numbers(events[10:]) == Twins().numbers(events)


def test_number_stays_within_the_length_of_an_id() -> None:
    """Mixpanel takes 36 characters; the first of its kind has no number."""
    made = [insert_id(b"\xab" * 32, number) for number in (1, 2, 1000)]
    assert made == ["ab" * 18, "ab" * 17 + "-2", "ab" * 15 + "a-1000"]

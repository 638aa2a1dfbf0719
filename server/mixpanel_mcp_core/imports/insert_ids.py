"""`$insert_id`: by which Mixpanel knows an event that comes twice."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import orjson

from mixpanel_mcp_core.lenient_json import written

LONGEST = 36
# Of 32 MB; one event in a thousand is taken for one that came before when there are five million.
_FILTER_BITS = 1 << 28


def sorted_json(properties: Mapping[str, Any]) -> bytes:
    """Properties as JSON, in an order that only their names decide."""
    return written(properties, orjson.OPT_SORT_KEYS)


def fingerprint(event: str, properties: bytes) -> bytes:
    """The same bytes for the same event; its properties as `sorted_json` writes them."""
    return hashlib.sha256(b"[%b,%b]" % (written(event), properties)).digest()


def insert_id(fingerprint: bytes, number: int) -> str:
    """The id of the event with this fingerprint; `number` counts events that are alike, from 1."""
    suffix = f"-{number}" if number > 1 else ""
    return fingerprint.hex()[: LONGEST - len(suffix)] + suffix


class Twins:
    """Numbers events that are alike to the letter, so that none of them is lost."""

    def __init__(self) -> None:
        self._seen: Counter[bytes] = Counter()

    def numbers(self, fingerprints: Sequence[bytes]) -> list[int]:
        """For each fingerprint, how often it has come up to now."""
        numbers: list[int] = []
        for each in fingerprints:
            self._seen[each] += 1
            numbers.append(self._seen[each])
        return numbers


class RepeatedTwins:
    """The same for any number of events, in little memory: only those that repeat are counted.

    `all_of` gives the fingerprints of all events; they are looked through before the first number.
    """

    def __init__(self, all_of: Callable[[], Iterable[bytes]]) -> None:
        self._all_of = all_of
        self._repeated: dict[bytes, int] | None = None

    def numbers(self, fingerprints: Sequence[bytes]) -> list[int]:
        """For each fingerprint, how often it has come up to now."""
        if not fingerprints:
            return []
        if self._repeated is None:
            self._repeated = dict.fromkeys(_perhaps_repeated(self._all_of()), 0)
        return [self._number(each) for each in fingerprints]

    def _number(self, fingerprint: bytes) -> int:
        repeated = self._repeated or {}
        if fingerprint not in repeated:
            return 1
        repeated[fingerprint] += 1
        return repeated[fingerprint]


def _perhaps_repeated(fingerprints: Iterable[bytes]) -> Iterable[bytes]:
    """All that come more than once, and a few others: what a Bloom filter with two bits finds."""
    bits = bytearray(_FILTER_BITS // 8)
    for each in fingerprints:
        first = int.from_bytes(each[:4], "little") % _FILTER_BITS
        second = int.from_bytes(each[4:8], "little") % _FILTER_BITS
        if bits[first >> 3] >> (first & 7) & 1 and bits[second >> 3] >> (second & 7) & 1:
            yield each
        bits[first >> 3] |= 1 << (first & 7)
        bits[second >> 3] |= 1 << (second & 7)

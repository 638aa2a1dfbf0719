"""`$insert_id`: by which Mixpanel knows an event that comes twice."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from mixpanel_mcp_core.lenient_json import written

LONGEST = 36


def fingerprint(event: str, properties: Mapping[str, Any]) -> bytes:
    """The same bytes for the same event, whatever the order of its properties."""
    return hashlib.sha256(written([event, properties], orjson.OPT_SORT_KEYS)).digest()


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

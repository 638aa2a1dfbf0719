"""Names near to one that does not exist."""

import re
from collections.abc import Sequence
from difflib import get_close_matches

_MOST = 5


def similar_events(wanted: str, names: Sequence[str]) -> list[str]:
    """At most five names, by the first rule of Mixpanel's own client that finds any.

    Equal but for case; containing the wanted text, shortest first; sharing words, most shared
    first, then shortest.
    """
    low = wanted.lower()
    if equal := [name for name in names if name.lower() == low]:
        return equal[:_MOST]
    if containing := sorted((name for name in names if low in name.lower()), key=len):
        return containing[:_MOST]
    words = _words(wanted)
    shared = [(len(words & _words(name)), name) for name in names]
    ranked = sorted((pair for pair in shared if pair[0]), key=lambda pair: (-pair[0], len(pair[1])))
    return [name for _, name in ranked][:_MOST]


def near_names(wanted: str, names: Sequence[str]) -> list[str]:
    """Those spelt alike before the similar ones, else those with a word that is spelt alike."""
    near = [*_spelt_alike(wanted.lower(), names), *similar_events(wanted, names)]
    if near:
        return list(dict.fromkeys(near))[:_MOST]
    every = sorted({word for name in names for word in _words(name)})
    alike = {
        each for word in _words(wanted) for each in get_close_matches(word, every, _MOST, 0.75)
    }
    sharing = [name for name in names if alike & _words(name)]
    return sorted(sharing, key=lambda name: -len(alike & _words(name)))[:_MOST]


def _spelt_alike(low: str, names: Sequence[str]) -> list[str]:
    alike = get_close_matches(low, dict.fromkeys(map(str.lower, names)), n=_MOST, cutoff=0.75)
    found = [name for name in names if name.lower() in alike]
    return sorted(found, key=lambda name: alike.index(name.lower()))[:_MOST]


def _words(name: str) -> set[str]:
    return set(filter(None, re.split(r"[\s_-]+", name.lower())))

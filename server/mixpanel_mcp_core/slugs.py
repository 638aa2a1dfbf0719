"""Slugs: the names by which reports that are not saved can be linked."""

import secrets

# Mixpanel's own alphabet: what looks like another character is left out.
ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
LENGTH = 12


def new_slug() -> str:
    """A slug that nobody can guess."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))

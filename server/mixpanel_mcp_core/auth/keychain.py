"""The system's keychain, for those who ask that no secret lies in a file.

A file then holds `keyring:<name>` where the secret would stand, and other programs can read the
file, though not use that account.
"""

from typing import Any

from mixpanel_mcp_core.errors import ConfigError

SERVICE = "mixpanel-mcp"
_MARK = "keyring:"


def is_kept(text: str) -> bool:
    """Whether a stored text stands for a secret in the keychain."""
    return text.startswith(_MARK)


def keep(name: str, secret: str) -> str:
    """Put a secret into the keychain; what is stored in its place.

    Raises ConfigError where this machine has no keychain.
    """
    keyring = _keyring()
    try:
        keyring.set_password(SERVICE, name, secret)
    except keyring.errors.KeyringError as error:
        raise _unusable(error) from None
    return _MARK + name


def revealed(text: str) -> str:
    """The secret that a stored text stands for: itself, or what the keychain has under its name."""
    if not is_kept(text):
        return text
    keyring = _keyring()
    try:
        secret = keyring.get_password(SERVICE, text.removeprefix(_MARK))
    except keyring.errors.KeyringError as error:
        raise _unusable(error) from None
    if secret is None:
        raise ConfigError(f"The keychain of this machine has no {text.removeprefix(_MARK)!r}.")
    return secret


def forget(text: str) -> None:
    """Take a secret out of the keychain, if it is there."""
    if not is_kept(text):
        return
    keyring = _keyring()
    try:
        keyring.delete_password(SERVICE, text.removeprefix(_MARK))
    except keyring.errors.KeyringError:
        return


def _keyring() -> Any:
    try:
        import keyring
    except ImportError:
        raise ConfigError(
            "The keychain needs the package keyring: install mixpanel-mcp[keychain]."
        ) from None
    return keyring


def _unusable(error: Exception) -> ConfigError:
    return ConfigError(f"The keychain of this machine cannot be used: {type(error).__name__}.")

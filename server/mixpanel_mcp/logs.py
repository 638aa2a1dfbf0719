"""structlog to stderr, one JSON object a line; stdout belongs to the protocol."""

import logging
import sys
from collections.abc import MutableMapping
from functools import cached_property
from typing import Any

from mixpanel_mcp.secrets import Masker


def configure(level: str, masker: Masker) -> None:
    """Send our own and every library's records to stderr, secrets masked."""
    handler = _Lazy(masker)
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)


class _Lazy(logging.StreamHandler[Any]):
    """Loads structlog with the first record: most runs of a server never log one."""

    def __init__(self, masker: Masker) -> None:
        super().__init__(sys.stderr)
        self._masker = masker

    @cached_property
    def _json(self) -> logging.Formatter:
        return _formatter(self._masker)

    def format(self, record: logging.LogRecord) -> str:
        return self._json.format(record)


def _formatter(masker: Masker) -> logging.Formatter:
    import structlog

    def mask(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        return masker.value(dict(event))

    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            mask,
            structlog.processors.JSONRenderer(),
        ],
    )

"""The check of report params before they are saved or linked: keys, types and closed sets.

The levels stand as data in `sections`, `display`, `flow` and `sorting`; `findings` says what a
failure is called.
"""

from .checking import schema_problems

__all__ = ["schema_problems"]

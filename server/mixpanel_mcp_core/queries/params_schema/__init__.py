"""The check of report params before they are saved or linked: keys, types and closed sets.

The levels stand as data in `sections`, `display`, `flow` and `sorting`; `findings` says what a
failure is called.
"""

from .checking import definition_problems, schema_problems

__all__ = ["definition_problems", "schema_problems"]

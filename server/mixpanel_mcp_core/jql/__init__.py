"""JQL, Mixpanel's JavaScript query language: running scripts, ours among them, and their errors."""

from .running import run, script

__all__ = ["run", "script"]

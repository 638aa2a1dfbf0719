"""JQL, Mixpanel's JavaScript query language: running scripts, ours among them, and their errors."""

from .running import run, script, understood

__all__ = ["run", "script", "understood"]

"""JQL: scripts in JavaScript over events and profiles, run for real in an embedded engine."""

from .endpoint import ENDPOINTS

__all__ = ["ENDPOINTS"]

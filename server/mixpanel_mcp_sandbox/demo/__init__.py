"""The demo project "Northwind Trail": an outdoor shop whose data holds ten stories to find."""

from .build import GENERATOR_VERSION, PEOPLE, SEED, build
from .calendar import at, epoch, week
from .document import Document
from .documents import documents

__all__ = [
    "GENERATOR_VERSION",
    "PEOPLE",
    "SEED",
    "Document",
    "at",
    "build",
    "documents",
    "epoch",
    "week",
]

"""The demo project "Northwind Trail": an outdoor shop whose data holds ten stories to find."""

from .build import GENERATOR_VERSION, PEOPLE, SEED, build
from .calendar import at, epoch, week
from .companies import companies
from .document import Document
from .documents import documents
from .lexicon import EVENTS, PROPERTIES, EventDefinition, PropertyDefinition

__all__ = [
    "EVENTS",
    "GENERATOR_VERSION",
    "PEOPLE",
    "PROPERTIES",
    "SEED",
    "Document",
    "EventDefinition",
    "PropertyDefinition",
    "at",
    "build",
    "companies",
    "documents",
    "epoch",
    "week",
]

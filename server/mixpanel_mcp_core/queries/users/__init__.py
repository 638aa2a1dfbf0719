"""Queries on user profiles: pages of profiles, or one number about all of them."""

from .answers import UserPage, UserResult, read_aggregate, read_page, read_profiles
from .compiling import compile_user, unused_values
from .query import UserQuery
from .reading import UserLimit
from .requests import Paging, aggregate_body, check_paging, paging_of, profiles_body
from .selectors import property_reference

__all__ = [
    "Paging",
    "UserLimit",
    "UserPage",
    "UserQuery",
    "UserResult",
    "aggregate_body",
    "check_paging",
    "compile_user",
    "paging_of",
    "profiles_body",
    "property_reference",
    "read_aggregate",
    "read_page",
    "read_profiles",
    "unused_values",
]

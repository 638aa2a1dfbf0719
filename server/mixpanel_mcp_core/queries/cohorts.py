"""Cohorts defined within a query: criteria joined by all_of or any_of, to any depth."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal, NoReturn, Self, cast

from pydantic import BeforeValidator, PlainValidator, TypeAdapter, model_validator

from mixpanel_mcp_core.errors import ParamValidationError

from .dates import guard_date
from .names import is_blank
from .suggestions import offer
from .term import Term, guard_each, one_or_more
from .vocabulary import InputType
from .words import Whole, closed, refusal, to_whole

if TYPE_CHECKING:
    from .filters import Filter

ProfileOperator = Literal[
    "equals",
    "not_equals",
    "contains",
    "not_contains",
    "greater_than",
    "less_than",
    "is_set",
    "is_not_set",
]
_WINDOWS = {"within_days": "day", "within_weeks": "week", "within_months": "month"}
_EVENT_OPERATORS = frozenset(
    {
        "equals",
        "not_equals",
        "contains",
        "not_contains",
        "greater_than",
        "less_than",
        "is_set",
        "is_not_set",
        "between",
        "in_cohort",
        "not_in_cohort",
    }
)


class _Windowed(Term):
    event: str
    within_days: Whole | None = None
    within_weeks: Whole | None = None
    within_months: Whole | None = None
    from_date: str | None = None
    to_date: str | None = None

    def windows(self) -> list[tuple[str, int]]:
        """The windows given as a number of units, at most one after the guard."""
        given = [(unit, getattr(self, key)) for key, unit in _WINDOWS.items()]
        return [(unit, value) for unit, value in given if value is not None]

    def _guard_event(self) -> None:
        if is_blank(self.event):
            _refuse("CD4_EMPTY_EVENT", 'event must name an event, e.g. "Purchase".')

    def _guard_one_window(self) -> None:
        dated = self.from_date is not None or self.to_date is not None
        if len(self.windows()) + dated != 1:
            message = "Give one of within_days, within_weeks, within_months, or both dates."
            _refuse("CD3_TIME_CONSTRAINT_REQUIRED", message)

    def _guard_window(self) -> None:
        for unit, value in self.windows():
            if value <= 0:
                message = f"The window must be a positive number of {unit}s, got {value}."
                _refuse("CD3_WINDOW_NOT_POSITIVE", message)
        if self.from_date is not None and self.to_date is None:
            _refuse("CD5_FROM_REQUIRES_TO", "from_date needs to_date.")
        if self.to_date is not None and self.from_date is None:
            _refuse("CD5_TO_REQUIRES_FROM", "to_date needs from_date.")
        for field, day in (("from_date", self.from_date), ("to_date", self.to_date)):
            if day is not None:
                guard_date(day, field, ("CD6_DATE_FORMAT", "CD6_DATE_INVALID"))
        if (self.from_date or "") > (self.to_date or ""):
            message = f"from_date {self.from_date} must not be after to_date {self.to_date}."
            _refuse("CD6_DATE_ORDER", message)


def _read_conditions(value: Any) -> "list[Filter]":
    # Filters hold cohorts, whose criteria hold filters: one of the two must be imported late.
    from .filters import Filter

    items = cast("list[Any]", value) if isinstance(value, list) else [value]
    return TypeAdapter(list[Filter]).validate_python(items)


class DidEvent(_Windowed):
    """Users who did an event so often within a window."""

    criterion: Literal["did_event"]
    at_least: Whole | None = None
    at_most: Whole | None = None
    exactly: Whole | None = None
    where: Annotated[list[Any], PlainValidator(_read_conditions)] = []
    aggregation: str | None = None
    aggregation_property: str | None = None

    def conditions(self) -> "list[Filter]":
        """The filters on the event."""
        return self.where

    def frequencies(self) -> list[tuple[str, int]]:
        """The frequencies given, exactly one after the guard."""
        given = [(key, getattr(self, key)) for key in ("at_least", "at_most", "exactly")]
        return [(key, value) for key, value in given if value is not None]

    def guard(self) -> None:
        """Filters, event, aggregation, frequency, window."""
        guard_each("where", self.conditions())
        self._guard_event()
        self._guard_aggregation()
        if len(self.frequencies()) != 1:
            message = "Give exactly one of at_least, at_most, exactly."
            _refuse("CD1_FREQUENCY_PARAM_REQUIRED", message)
        if self.frequencies()[0][1] < 0:
            _refuse("CD2_FREQUENCY_NEGATIVE", "A frequency must be 0 or more.")
        self._guard_one_window()
        for condition in self.conditions():
            if condition.operator not in _EVENT_OPERATORS:
                word = condition.operator
                allowed = ", ".join(sorted(_EVENT_OPERATORS))
                message = (
                    f"The events of a cohort cannot be filtered by {word!r}, only by {allowed}."
                )
                _refuse("CD10_UNSUPPORTED_FILTER_OPERATOR", message)
        self._guard_window()

    def _guard_aggregation(self) -> None:
        if (self.aggregation is None) != (self.aggregation_property is None):
            message = "Give aggregation and aggregation_property together."
            _refuse("CA1_AGGREGATION_PAIR", message)
        if self.aggregation_property is not None and is_blank(self.aggregation_property):
            message = 'aggregation_property must be a name, e.g. "amount".'
            _refuse("CA2_EMPTY_AGGREGATION_PROPERTY", message)


class DidNotDoEvent(_Windowed):
    """Users who did not do an event within a window."""

    criterion: Literal["did_not_do_event"]

    def guard(self) -> None:
        """Event, then window."""
        self._guard_event()
        self._guard_one_window()
        self._guard_window()


class HasProperty(Term):
    """Users with a profile property of some value."""

    criterion: Literal["has_property"]
    property: str
    value: Any = None
    operator: Annotated[ProfileOperator, closed(ProfileOperator)] = "equals"
    property_type: Annotated[InputType, closed(InputType)] = "string"

    @model_validator(mode="after")
    def _has_value(self) -> Self:
        if self.value is None and self.operator not in ("is_set", "is_not_set"):
            raise refusal("missing_key", f"Operator {self.operator!r} needs 'value'.")
        return self

    def guard(self) -> None:
        """The name."""
        _guard_property(self.property)


class PropertySet(Term):
    """Users who have a profile property, or have it not."""

    criterion: Literal["property_is_set", "property_is_not_set"]
    property: str

    def guard(self) -> None:
        """The name."""
        _guard_property(self.property)


class InSavedCohort(Term):
    """Users in a saved cohort, or not in it."""

    criterion: Literal["in_cohort", "not_in_cohort"]
    cohort_id: Whole

    def guard(self) -> None:
        """The id."""
        if self.cohort_id <= 0:
            message = f"cohort_id must be positive, got {self.cohort_id}."
            _refuse("CD8_COHORT_ID_NOT_POSITIVE", message)


Criterion = DidEvent | DidNotDoEvent | HasProperty | PropertySet | InSavedCohort
CRITERIA: dict[str, type[Criterion]] = {
    "did_event": DidEvent,
    "did_not_do_event": DidNotDoEvent,
    "has_property": HasProperty,
    "property_is_set": PropertySet,
    "property_is_not_set": PropertySet,
    "in_cohort": InSavedCohort,
    "not_in_cohort": InSavedCohort,
}


_LISTED = BeforeValidator(one_or_more((Mapping, Term), "criteria", "Expected a list of criteria."))


class CohortDefinition(Term):
    """Users who meet all (all_of) or any (any_of) of the criteria; one alone is a list of one."""

    all_of: "Annotated[list[CohortItem] | None, _LISTED]" = None
    any_of: "Annotated[list[CohortItem] | None, _LISTED]" = None

    @model_validator(mode="after")
    def _one_list(self) -> Self:
        if (self.all_of is None) == (self.any_of is None):
            raise refusal("cohort", "A cohort definition needs either all_of or any_of.")
        return self

    def items(self) -> "list[Criterion | CohortDefinition]":
        """The criteria and nested definitions, in order."""
        return (self.all_of or []) if self.any_of is None else self.any_of

    def guard(self) -> None:
        """The items, then that there is one."""
        guard_each("any_of" if self.all_of is None else "all_of", self.items())
        if not self.items():
            _refuse("CD9_EMPTY_CRITERIA", "A cohort definition needs at least one criterion.")


def _read_item(value: Any) -> Criterion | CohortDefinition:
    if isinstance(value, Term):
        return cast("Criterion | CohortDefinition", value)
    keys = cast("Mapping[str, Any]", value) if isinstance(value, Mapping) else {}
    if "all_of" in keys or "any_of" in keys:
        return CohortDefinition.model_validate(keys)
    word = keys.get("criterion")
    if word is None:
        raise refusal("criterion", f"criterion is missing, one of {', '.join(CRITERIA)}.")
    if word not in CRITERIA:
        raise refusal("criterion", f"{word!r} is not a criterion. {offer(word, CRITERIA)}")
    return CRITERIA[word].model_validate(keys)


CohortItem = Annotated[Criterion | CohortDefinition, PlainValidator(_read_item)]
CohortDefinition.model_rebuild()


def _read_cohort(value: Any) -> int | CohortDefinition:
    if isinstance(value, CohortDefinition | Mapping):
        return CohortDefinition.model_validate(value)
    try:
        return to_whole(value)
    except ValueError:
        message = f"cohort must be the id of a saved cohort, got {value!r}."
        raise refusal("cohort", message) from None


Cohort = Annotated[int | CohortDefinition, PlainValidator(_read_cohort, json_schema_input_type=int)]


def guard_cohort(cohort: object, name: str | None, id_rule: str, name_rule: str) -> None:
    """Raise ParamValidationError for a definition or id that cannot be, or a blank label."""
    if isinstance(cohort, CohortDefinition):
        cohort.guard_at("cohort")
    elif not isinstance(cohort, int) or cohort <= 0:
        message = f"cohort must be the id of a saved cohort, a positive number, got {cohort}."
        _refuse(f"{id_rule}_COHORT_ID_NOT_POSITIVE", message)
    if name is not None and is_blank(name):
        _refuse(f"{name_rule}_COHORT_NAME_EMPTY", "name must not be blank; leave it out instead.")


def _guard_property(name: str) -> None:
    if is_blank(name):
        _refuse("CD7_EMPTY_PROPERTY", 'property must be a name, e.g. "plan".')


def _refuse(code: str, message: str) -> NoReturn:
    raise ParamValidationError(message, code=code)

"""Saved metrics: a metric by its id, with some of its settings replaced."""

from collections.abc import Mapping
from typing import Annotated, Any, NoReturn, cast, get_args

from mixpanel_mcp_core.errors import ParamValidationError
from mixpanel_mcp_core.queries.behaviors import guard_id
from mixpanel_mcp_core.queries.custom_properties import PropertySpec
from mixpanel_mcp_core.queries.measures import (
    COUNTS_USERS,
    FUNNEL_MATHS,
    MATHS,
    PER_USER,
    RETENTION_MATHS,
    TAKES_NO_PROPERTY,
    wire_math,
)
from mixpanel_mcp_core.queries.names import is_blank
from mixpanel_mcp_core.queries.suggestions import offer
from mixpanel_mcp_core.queries.term import Term
from mixpanel_mcp_core.queries.vocabulary import (
    FunnelOrder,
    MathType,
    MetricRefType,
    PerUserAggregation,
    SegmentMethod,
)
from mixpanel_mcp_core.queries.words import JudgedWhole, Number, judged_later

from .behavior_metrics import guard_index
from .measured import measured_property
from .metrics import guard_segment_method

_KNOWN_MATHS = MATHS | FUNNEL_MATHS | RETENTION_MATHS | {"percentile"}
_OF_A_MEASUREMENT = (
    "math",
    "property",
    "per_user",
    "percentile_value",
    "segment_method",
    "funnel_order",
    "step_index",
    "bucket_index",
)
_IDENTITY = frozenset(("metric_id", "type"))


class MetricRef(Term):
    """A saved metric; every other key replaces one of its settings."""

    metric_id: JudgedWhole
    type: Annotated[MetricRefType, judged_later] = "metric"
    label: str | None = None
    math: Annotated[MathType, judged_later] | None = None
    property: PropertySpec | None = None
    per_user: Annotated[PerUserAggregation, judged_later] | None = None
    percentile_value: Number | None = None
    segment_method: Annotated[SegmentMethod, judged_later] | None = None
    funnel_order: Annotated[FunnelOrder, judged_later] | None = None
    step_index: JudgedWhole = None
    bucket_index: JudgedWhole = None
    hidden: bool | None = None
    overrides: Any = None

    def replaced(self) -> list[str]:
        """The settings that this reference replaces."""
        return sorted(self.model_fields_set - _IDENTITY)

    def guard(self) -> None:
        """Id and type, then each replaced setting, then how they go together."""
        guard_id(self.metric_id, "metric_id", "MR4_INVALID_ID")
        types: tuple[str, ...] = get_args(MetricRefType)
        if self.type not in types:
            message = f"type {self.type!r} is not valid. {offer(self.type, types)}"
            raise ParamValidationError(message, code="MR5_INVALID_TYPE")
        self._guard_settings()
        self._guard_combination()
        _guard_overrides(self.overrides)

    def _guard_settings(self) -> None:
        if self.label is not None and is_blank(self.label):
            _refuse_override("label must not be blank; leave it out instead.")
        for field, word, valid in (
            ("math", self.math, _KNOWN_MATHS),
            ("per_user", self.per_user, PER_USER),
            ("funnel_order", self.funnel_order, get_args(FunnelOrder)),
        ):
            if word is not None and word not in valid:
                _refuse_override(f"{field} {word!r} is not valid. {offer(word, valid)}")
        guard_segment_method(self.segment_method)
        guard_index("step_index", self.step_index, "MR7_INVALID_OVERRIDE")
        guard_index("bucket_index", self.bucket_index, "MR7_INVALID_OVERRIDE")

    def _guard_combination(self) -> None:
        measured = [name for name in _OF_A_MEASUREMENT if getattr(self, name) is not None]
        if self.type == "formula" and measured:
            message = f"A saved formula has no {measured[0]} to replace."
            raise ParamValidationError(message, code="MR6_OVERRIDE_NOT_APPLICABLE")
        if self.math in COUNTS_USERS and self.per_user is not None:
            message = f"per_user cannot be combined with math {self.math!r}, which counts users."
            raise ParamValidationError(message, code="V3_PER_USER_INCOMPATIBLE")
        if self.math in TAKES_NO_PROPERTY and self.property is not None:
            message = f'math {self.math!r} takes no property; choose e.g. "average".'
            raise ParamValidationError(message, code="V14_METRIC_REJECTS_PROPERTY")

    def identity(self) -> dict[str, Any]:
        """Type and id on the wire."""
        return {"type": self.type, "id": self.metric_id}

    def overrides_clause(self) -> dict[str, Any]:
        """What is replaced, by its place in the saved metric; raw `overrides` win."""
        typed: dict[str, Any] = {}
        if self.label is not None:
            typed["name"] = self.label
        if self.funnel_order is not None:
            typed["behavior"] = {"funnelOrder": self.funnel_order}
        if measurement := self._measurement():
            typed["measurement"] = measurement
        if self.hidden is not None:
            typed["isHidden"] = self.hidden
        return _merged(typed, self.overrides or {})

    def _measurement(self) -> dict[str, Any]:
        spec = self.property
        settings = {
            "math": None if self.math is None else wire_math(self.math),
            "property": None if spec is None else measured_property(spec),
            "perUserAggregation": self.per_user,
            "percentile": self.percentile_value,
            "segmentMethod": self.segment_method,
            "stepIndex": self.step_index,
            "retentionBucketIndex": self.bucket_index,
        }
        return {key: value for key, value in settings.items() if value is not None}


def _guard_overrides(overrides: Any) -> None:
    if overrides is None:
        return
    if not isinstance(overrides, Mapping):
        _refuse_override(f"overrides must be an object, got {overrides!r}.")
    if _holds_filters(cast("Mapping[str, Any]", overrides)):
        message = "The filters of a saved metric cannot be replaced; put them into where."
        raise ParamValidationError(message, code="MR1_FILTER_OVERRIDE")


def _holds_filters(node: Any) -> bool:
    if isinstance(node, Mapping):
        keys = cast("Mapping[str, Any]", node)
        return "filters" in keys or any(map(_holds_filters, keys.values()))
    return isinstance(node, list) and any(map(_holds_filters, cast("list[Any]", node)))


def _refuse_override(message: str) -> NoReturn:
    raise ParamValidationError(message, code="MR7_INVALID_OVERRIDE")


def _merged(under: dict[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(under)
    for key, value in over.items():
        both = isinstance(merged.get(key), dict) and isinstance(value, Mapping)
        merged[key] = _merged(merged[key], value) if both else value
    return merged

"""What a feature flag may be: the fields of a request and the rules of a ruleset."""

from collections.abc import Iterable, Mapping
from typing import Any, cast

from .bookmarks import listed, mapping
from .calls import Json
from .errors import one_of, wrong
from .fields import require, text_within

LONGEST_NAME = 255
MOST_VARIANTS = 11
LONGEST_VALUE = 32_768
SALT_LENGTH = 32
STATUSES = ("enabled", "disabled", "archived")
SERVING_METHODS = ("client", "server", "remote_or_local", "remote_only")
REQUIRED = ("name", "key", "tags", "context", "serving_method", "ruleset")
OPTIONAL = (
    "description",
    "experiment_id",
    "status",
    "data_group_id",
    "workspace_id",
    "is_experiment_active",
    "hash_salt",
    "reset_hash_salt",
)
VARIANT_KEYS = ("key", "value", "description", "is_control", "split", "is_sticky")
ROLLOUT_KEYS = (
    "name",
    "cohort_definition",
    "runtime_evaluation_definition",
    "runtime_evaluation_rule",
    "runtime_event_rule",
    "cohort_hash",
    "rollout_percentage",
    "variant_override",
    "variant_splits",
)


def check_flag(body: Json) -> Json:
    """Return the body of a request for a whole flag; 400 for what Mixpanel would refuse."""
    _only(body, (*REQUIRED, *OPTIONAL), "")
    require(body, REQUIRED)
    for name in ("name", "key", "context"):
        text_within(body[name], name, 1, LONGEST_NAME)
    for tag in listed(body["tags"], "tags"):
        text_within(tag, "tags", 1, LONGEST_NAME)
    one_of(SERVING_METHODS, body["serving_method"], "serving_method")
    one_of(STATUSES, body.get("status", STATUSES[1]), "status")
    if body.get("hash_salt") is not None and len(str(body["hash_salt"])) != SALT_LENGTH:
        raise wrong(f"hash_salt must have {SALT_LENGTH} characters")
    check_ruleset(mapping(body["ruleset"], "ruleset"))
    return body


def check_ruleset(ruleset: Json) -> None:
    """Refuse a ruleset whose variants are malformed or whose rollout names unknown ones."""
    _only(ruleset, ("variants", "rollout", "test"), "ruleset.")
    variants = listed(ruleset.get("variants"), "ruleset.variants")
    if len(variants) > MOST_VARIANTS:
        raise wrong(f"ruleset.variants may hold at most {MOST_VARIANTS} variants")
    keys = [_variant(mapping(each, "a variant")) for each in variants]
    if len(set(keys)) < len(keys):
        raise wrong("ruleset.variants must have keys of their own")
    for each in listed(ruleset.get("rollout"), "ruleset.rollout"):
        _rollout(mapping(each, "a rollout group"), keys)
    test = mapping(ruleset.get("test") or {}, "ruleset.test")
    users = mapping(test.get("users") or {}, "ruleset.test.users")
    check_known(users.values(), keys, "ruleset.test.users")


def variant_keys(flag: Json) -> list[str]:
    """Return the keys of a flag's variants."""
    return [variant["key"] for variant in flag["ruleset"]["variants"]]


def check_known(named: Iterable[Any], keys: list[str], where: str) -> None:
    """Refuse a name that is no variant."""
    for name in named:
        if name not in keys:
            raise wrong(f"{where}: there is no variant {name!r}, only {', '.join(keys) or 'none'}")


def _variant(variant: Json) -> str:
    _only(variant, VARIANT_KEYS, "variant.")
    if "value" not in variant:
        raise wrong("variant.value is required")
    if isinstance(variant["value"], str) and len(variant["value"]) > LONGEST_VALUE:
        raise wrong(f"variant.value may have at most {LONGEST_VALUE} characters")
    if not isinstance(variant.get("is_control"), bool):
        raise wrong("variant.is_control must be true or false")
    _share(variant.get("split"), "variant.split")
    return text_within(variant.get("key"), "variant.key", 1, LONGEST_NAME)


def _rollout(group: Json, keys: list[str]) -> None:
    _only(group, ROLLOUT_KEYS, "rollout.")
    _share(group.get("rollout_percentage"), "rollout.rollout_percentage")
    splits = mapping(group.get("variant_splits"), "rollout.variant_splits")
    for key, share in splits.items():
        _share(share, f"rollout.variant_splits.{key}")
    override = mapping(group.get("variant_override") or {}, "rollout.variant_override")
    check_known(splits, keys, "rollout.variant_splits")
    check_known(override.values(), keys, "rollout.variant_override")


def _only(given: Mapping[str, Any], known: tuple[str, ...], where: str) -> None:
    for name in given:
        if name not in known:
            raise wrong(f"{where}{name} is not known")


def _share(value: object, name: str) -> None:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not 0 <= cast("float", value) <= 1:
        raise wrong(f"{name} must be a number from 0 to 1, not {value!r}")

"""Views that unite the base with the own database.

`all_events`    what queries see: up to now, later copies of a record only
`raw_events`    what the export sees: every record up to now
`all_profiles`  the own profile wins over the base's; deleted ones are gone
`all_links`     ids and the id that their person goes by, where that is another
`all_nulls`     event properties of which some value is a JSON null
"""

from .database import Database

COLUMNS = "uid, t, event, insert_id, seq, distinct_id, props"
# The base reaches to the end of its week, so that it need not be built anew every day.
SEEN = "t <= getvariable('now')"
# What is left of the base after deletions on request; asking makes a look at it slower.
LEFT = "insert_id not in (select insert_id from own.erased_events)"
SIGNED_UP = (
    "props ->> '/$created' <= "
    "strftime(make_timestamp(getvariable('now')::bigint * 1000), '%Y-%m-%dT%H:%M:%S')"
)
LINKS = "select '$device:' || device_id as own_id, user_id from {catalog}.links"
PROFILES = (
    "select hash(distinct_id) as uid, distinct_id, props::variant as props, {last_seen} "
    "from {catalog}.profiles where "
)


def create_views(database: Database, *, base: bool, erased: bool = False) -> None:
    """Create the views over `own`, and over `base` when it is attached.

    Only when something of the base is `erased` do they look for it.
    """
    for name, parts in _definitions(base, erased).items():
        database.run(f"create or replace view {name} as {' union all '.join(parts)}")


def _definitions(base: bool, erased: bool) -> dict[str, list[str]]:
    parts = {
        "all_events": [f"select {COLUMNS} from own.events"],
        "raw_events": [
            f"select {COLUMNS} from own.events",
            f"select {COLUMNS} from own.superseded_events",
        ],
        "all_profiles": [
            PROFILES.format(catalog="own", last_seen="last_seen") + "props is not null"
        ],
        "all_links": [
            LINKS.format(catalog="own"),
            "select own_id, user_id from own.merges",
        ],
        "all_nulls": ["select property from own.null_properties"],
    }
    if base:
        left = f" and {LEFT}" if erased else ""
        seen = f"select {COLUMNS} from base.events where {SEEN}{left}"
        parts["all_events"].append(seen)
        parts["raw_events"] += [seen, seen.replace("base.events", "base.superseded_events")]
        parts["all_profiles"].append(
            PROFILES.format(
                catalog="base", last_seen="least(last_seen, getvariable('now')) as last_seen"
            )
            + f"{SIGNED_UP} and distinct_id not in (select distinct_id from own.profiles)"
        )
        parts["all_links"].append(LINKS.format(catalog="base"))
        parts["all_nulls"].append("select property from base.null_properties")
    return parts

"""The tables of a sandbox database, once, for the generator and the store alike."""

import duckdb

VERSION = 2

# `superseded_events` holds the records for which a later one with the same event, person, time
# and insert id exists: queries leave them out, the raw export does not. `null_properties` names
# the event properties of which some value is a JSON null.
#
# `erased_events` tells the records of the base that were deleted on request.
#
# A profile whose props are null was deleted; an entity whose body is the JSON null likewise.
#
# `links` is of Simplified ID Merge, `merges` and `aliases` are of Original ID Merge.
#
# A person is a hash of the canonical distinct_id, so that the demo's file and the user's own
# file agree on people without sharing a table of numbers. 0 stands for "nobody".
TABLES = """
create table if not exists events (
    uid ubigint not null,
    t bigint not null,
    event varchar not null,
    insert_id varchar,
    seq bigint not null,
    distinct_id varchar not null,
    props variant
);
create table if not exists links (device_id varchar not null, user_id varchar not null);
create table if not exists merges (own_id varchar primary key, user_id varchar not null);
create table if not exists aliases (alias varchar primary key, target varchar not null);
create table if not exists profiles (distinct_id varchar primary key, props json, last_seen bigint);
create table if not exists group_profiles (
    group_key varchar not null,
    group_id varchar not null,
    props json,
    last_seen bigint,
    primary key (group_key, group_id)
);
create table if not exists entities (
    kind varchar not null,
    id bigint not null,
    workspace_id bigint,
    body json not null,
    primary key (kind, id)
);
create table if not exists lookup_rows (
    table_id bigint not null,
    key varchar not null,
    columns variant,
    primary key (table_id, key)
);
create table if not exists superseded_events (
    uid ubigint not null,
    t bigint not null,
    event varchar not null,
    insert_id varchar,
    seq bigint not null,
    distinct_id varchar not null,
    props variant
);
create table if not exists erased_events (insert_id varchar primary key);
create table if not exists null_properties (property varchar primary key);
create table if not exists about (key varchar primary key, value varchar not null);
"""


def create_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Create what is missing; a database that has all tables is left as it is."""
    connection.execute(TABLES)

"""SQL macros over VARIANT values: kind, number, text, items and moment of a property.

They are the value rules that every query shares, so that a property means the same in a filter,
a breakdown and an expression.
"""

# try_cast although the kind is known: constants are folded before the branch is chosen.
MACROS = (
    """create macro kind(v) as case variant_typeof(v)
         when 'VARCHAR' then 'string'
         when 'BOOL_TRUE' then 'boolean'
         when 'BOOL_FALSE' then 'boolean'
         when 'VARIANT_NULL' then 'null'
         else case variant_typeof(v)[1] when 'A' then 'list' when 'O' then 'object'
              else 'number' end end""",
    "create macro number_in(v) as case when kind(v) = 'number' then try_cast(v as double) end",
    "create macro text_in(v) as case when kind(v) = 'string' then v::varchar end",
    """create macro number_text(n) as case when n = trunc(n) and abs(n) < 1e15
         then try_cast(n as bigint)::varchar else n::varchar end""",
    """create macro value_text(v) as case kind(v)
         when 'number' then number_text(try_cast(v as double))
         when 'list' then v::json::varchar
         when 'object' then v::json::varchar
         when 'null' then 'null'
         else v::varchar end""",
    """create macro list_text(l) as '[' || array_to_string(list_transform(l,
         lambda x: case kind(x) when 'number' then value_text(x)
         else coalesce(to_json(x)::varchar, 'null') end), ',') || ']'""",
    """create macro scalars(v) as case when kind(v) = 'list'
         then try_cast(v as variant[]) else [v] end""",
    """create macro texts(v) as case when kind(v) = 'list'
         then list_distinct(list_transform(try_cast(v as variant[]), lambda x: value_text(x)))
         else [value_text(v)] end""",
    """create macro text_moment(s) as case when regexp_full_match(s,
         '[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)?'
         || '(Z|[+-][0-9]{2}(:?[0-9]{2})?)?)?')
         then epoch_ms(try_cast(s as timestamptz)) end""",
    """create macro number_moment(n) as case when n > 4294967295 then floor(n)::bigint
         when n > 0 then floor(n * 1000)::bigint end""",
    """create macro moment_in(v) as case kind(v)
         when 'string' then text_moment(v::varchar)
         when 'number' then number_moment(try_cast(v as double)) end""",
    """create macro truth_in(v) as case kind(v)
         when 'boolean' then v::varchar = 'true'
         when 'number' then try_cast(v as double) <> 0
         when 'string' then lower(v::varchar) not in ('', 'false')
         when 'null' then false else true end""",
)

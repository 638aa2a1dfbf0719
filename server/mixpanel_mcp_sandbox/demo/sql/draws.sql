-- Randomness without a generator: a draw is a pure function of what it is drawn for, so neither
-- the number of threads nor the hour of building changes it. hash() of several values is only
-- mixed up to an exclusive or; the outer hash() makes draws of one key independent.
create temp macro draw(key, purpose) as (hash(hash(key, purpose)) >> 11) / 9007199254740992e0;
create temp macro normal(key, purpose) as
    sqrt(-2 * ln(1 - draw(key, purpose || ' radius'))) * cos(2 * pi() * draw(key, purpose || ' angle'));
create temp macro choose(options, u) as options[1 + floor(u * len(options))::int];
create temp macro whole(key, purpose, low, high) as
    low + floor(draw(key, purpose) * (high - low + 1))::bigint;
create temp macro day_start(d) as getvariable('epoch') + d * 86400000::bigint;
create temp macro day_of(t) as (t - getvariable('epoch')) // 86400000;

create temp table weekdays as
select weekday, factor, low, low + factor / sum(factor) over () as high
from (
    select weekday, factor,
        (sum(factor) over (order by weekday) - factor) / sum(factor) over () as low
    from (values (0, 0.92e0), (1, 0.90e0), (2, 0.93e0), (3, 0.97e0), (4, 1.08e0), (5, 1.22e0),
                 (6, 1.16e0)) as v(weekday, factor)
);

-- Local hours: peaks at noon and at eight in the evening.
create temp table hours as
select hour, (sum(weight) over (order by hour) - weight) / sum(weight) over () as low,
    sum(weight) over (order by hour) / sum(weight) over () as high
from (
    select unnest(range(24)) as hour,
        unnest([10, 6, 4, 3, 3, 5, 12, 24, 38, 48, 56, 66, 74, 64, 54, 50, 52, 60, 72, 88, 98, 84,
                52, 24]) as weight
);

create temp table arrival_days as
select "day", (sum(weight) over (order by "day") - weight) / sum(weight) over () as low,
    sum(weight) over (order by "day") / sum(weight) over () as high
from (
    select d as "day", factor * 1.007 ** d * if(d between 63 and 69, 2.6, 1.0) as weight
    from range(126) as days(d)
    join weekdays on weekday = d % 7
);

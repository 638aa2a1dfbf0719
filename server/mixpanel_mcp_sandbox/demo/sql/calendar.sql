-- When things happen. Each row owns the draws from low to high.
create temp table weekdays as
select weekday, factor,
    (sum(factor) over (order by weekday) - factor) / sum(factor) over () as low,
    sum(factor) over (order by weekday) / sum(factor) over () as high
from (
    select unnest(range(7)) as weekday,
        unnest([0.92e0, 0.90e0, 0.93e0, 0.97e0, 1.08e0, 1.22e0, 1.16e0]) as factor
);

-- Local hours: peaks at noon and at eight in the evening.
create temp table hours as
select hour,
    (sum(weight) over (order by hour) - weight) / sum(weight) over () as low,
    sum(weight) over (order by hour) / sum(weight) over () as high
from (
    select unnest(range(24)) as hour,
        unnest([10, 6, 4, 3, 3, 5, 12, 24, 38, 48, 56, 66,
                74, 64, 54, 50, 52, 60, 72, 88, 98, 84, 52, 24]) as weight
);

-- First visits grow by 0.7 % a day; the spring sale brings 2.6 times as many.
create temp table arrival_days as
select "day",
    (sum(weight) over (order by "day") - weight) / sum(weight) over () as low,
    sum(weight) over (order by "day") / sum(weight) over () as high
from (
    select d as "day", factor * 1.007 ** d * if(d between 63 and 69, 2.6, 1.0) as weight
    from range(126) as days(d)
    join weekdays on weekday = d % 7
);

-- A customer is active in week k after signing up with a probability that falls with k; an
-- active week has one session and some more. Visitors and scrapers have one session.
create temp macro returning_share(k) as 0.15 + 0.51 * greatest(k, 1) ** -0.60;
create temp macro poisson_1_1(u) as
    (u > 0.333)::int + (u > 0.699)::int + (u > 0.900)::int + (u > 0.974)::int + (u > 0.995)::int;

create temp table sessions as
with weeks as (
    select person, "day", zone, signed_up, k, hash(person, k) as week
    from people, range(18) as r(k)
    where kind = 'customer'
        and draw(hash(person, k), 'active') < least(0.97, returning_share(k)
            * (0.45 + 0.55 * affinity) * (0.98 + 0.0004 * "day")
            * if(source = 'spring_sale', 0.73, 1.0)
            * if(wishlists and "day" + 7 * k >= 56, 1.31 - 0.15 / greatest(k, 1), 1.0))
),
visits as (
    select person, "day", zone, signed_up, k, hash(week, j) as session
    from (select *, unnest(range(1 + poisson_1_1(draw(week, 'sessions')))) as j from weeks)
),
dated as (
    select person, session, k, signed_up + 7 * k * 86400000::bigint as earliest,
        day_start("day" + 7 * k + (weekday - "day" % 7 + 7) % 7) + (hour - zone + 24) % 24 * 3600000
            + whole(session, 'millisecond', 0, 3599999) as started
    from visits
    join weekdays on draw(session, 'weekday') >= weekdays.low
        and draw(session, 'weekday') < weekdays.high
    join hours on draw(session, 'hour') >= hours.low and draw(session, 'hour') < hours.high
),
all_sessions as (
    select person, hash(person, 'first') as session, true as is_first, first_seen as started
    from people
    union all
    select person, session, false, if(started < earliest, started + 604800000, started)
    from dated
    where k > 0 or started > earliest + 3600000
)
select s.person, session, is_first, started, day_of(started) as "day", app_version,
    1 + floor(ln(1 - draw(session, 'views')) / ln(0.595))::int as views
from all_sessions as s
left join installs as i
    on i.person = s.person and day_of(started) >= since and day_of(started) < until
where started <= getvariable('now');

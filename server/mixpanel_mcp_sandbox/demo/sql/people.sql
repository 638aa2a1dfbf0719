-- Customers sign up, visitors never do, scrapers only search. Each has one device.
create temp table countries as
select *, sum(weight) over (order by place) - weight as low,
    sum(weight) over (order by place) as high
from (values
    (1, 'US', 0.380e0, -6), (2, 'GB', 0.130e0, 0), (3, 'DE', 0.120e0, 1), (4, 'FR', 0.090e0, 1),
    (5, 'CA', 0.080e0, -5), (6, 'JP', 0.070e0, 9), (7, 'BR', 0.130e0, -3)
) as v(place, country, weight, zone);

create temp table people as
with numbered as (
    select 'customer' as kind, i, getvariable('customers') as n
    from range(getvariable('customers')) as r(i)
    union all
    select 'visitor', i, getvariable('visitors') from range(getvariable('visitors')) as r(i)
),
keyed as (
    select kind, i, hash(getvariable('seed'), kind, i) as person, n from numbered
),
dated as (
    select kind, i, person, "day"
    from keyed
    join arrival_days on (i + draw(person, 'arrival')) / n >= low
        and (i + draw(person, 'arrival')) / n < high
),
placed as (
    -- Brazil, the last of the countries, opens on day 77.
    select dated.*, country, zone
    from dated
    join countries
        on draw(person, 'country') * if("day" < 77, 0.87, 1.0) >= low
        and draw(person, 'country') * if("day" < 77, 0.87, 1.0) < high
),
described as (
    select *,
        -- Nearly a gamma variable of shape 1.6 and mean 1 (Wilson and Hilferty).
        greatest(0.2, 1 - 1 / 14.4 + normal(person, 'affinity') / (3 * sqrt(1.6))) ** 3
            as affinity,
        case when draw(person, 'platform') < 0.44 then 'web'
             when draw(person, 'platform') < 0.75 then 'iOS' else 'Android' end as platform,
        case when "day" between 63 and 69 and draw(person, 'sale') < 1.6 / 2.6 then 'spring_sale'
             when draw(person, 'source') < 0.40 then 'organic'
             when draw(person, 'source') < 0.68 then 'google'
             when draw(person, 'source') < 0.88 then 'instagram' else 'referral' end as source,
        draw(person, 'wishlists') < 0.3 as wishlists,
        if(draw(person, 'experiment') < 0.5, 'control', 'one page') as variant,
        day_start("day") + least(
            (hour - zone + 24) % 24 * 3600000 + whole(person, 'first millisecond', 0, 3599999),
            85800000
        ) as first_seen
    from placed
    join hours on draw(person, 'first hour') >= low and draw(person, 'first hour') < high
)
select person, kind, i, "day", country, zone, affinity, platform, source, wishlists, variant,
    md5('device ' || person)::uuid::varchar as device_id,
    if(kind = 'customer', 'customer-' || lpad((i + 1)::varchar, 5, '0'), null) as user_id,
    if(draw(person, 'plan') < 0.12 * affinity, 'plus', 'free') as plan,
    if(kind = 'customer' and draw(person, 'company') < 0.08,
        'company-' || lpad(whole(person, 'which company', 1, 40)::varchar, 2, '0'), null)
        as company,
    if(platform = 'web', case when draw(person, 'browser') < 0.62 then 'Chrome'
        when draw(person, 'browser') < 0.84 then 'Safari'
        when draw(person, 'browser') < 0.94 then 'Firefox' else 'Edge' end, null) as browser,
    first_seen,
    if(kind = 'customer', first_seen + whole(person, 'sign-up', 70000, 128000), null) as signed_up
from described
union all
select hash(getvariable('seed'), 'scraper', i), 'scraper', i, 111, 'SG', 8, 0, 'web', 'organic',
    false, 'control', md5('scraper ' || i)::uuid::varchar, null, 'free', null, 'HeadlessChrome',
    day_start(111) + 7200000 + i * 420000, null
from range(getvariable('scrapers')) as r(i);

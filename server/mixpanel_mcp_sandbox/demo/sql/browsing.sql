-- The shop's range: six categories of forty products; the first of a category sell best.
create temp table products as
select 'NT-' || upper(category[:2]) || '-' || lpad(n::varchar, 3, '0') as sku, category,
    round(median * exp(0.3 * normal(hash(category, n), 'price')), 2) as price, base + n as product
from (values
    ('Tents', 240, 0), ('Jackets', 160, 40), ('Boots', 130, 80), ('Packs', 95, 120),
    ('Stoves', 60, 160), ('Lamps', 35, 200)
) as v(category, median, base), range(40) as r(n);

create temp macro category_base(u) as case
    when u < 0.13 then 0 when u < 0.34 then 40 when u < 0.56 then 80 when u < 0.74 then 120
    when u < 0.86 then 160 else 200 end;
create temp macro product_of(key) as
    category_base(draw(key, 'category')) + floor(40 * draw(key, 'product') ** 1.6)::int;

create temp table opens as
select person, session, started as t, 'Session Opened' as event, 'so' as part,
    choose(['(direct)', 'www.google.com', 'www.instagram.com', 'newsletter', 'trail-magazine.example'],
        draw(session, 'referrer') ** 1.5) as referrer
from sessions join people using (person)
where kind <> 'scraper';

create temp table views as
select person, session, started + 15000 + position * 40000::bigint
        + whole(hash(session, position), 'pause', 0, 30000) as t,
    'Product Viewed' as event, 'pv' || position as part, sku, category, price, position
from (select *, unnest(range(1, views + 1)) as position from sessions)
join people using (person)
join products on product = product_of(hash(session, position))
where kind <> 'scraper';

create temp table searches as
select person, session, started + whole(session, 'search pause', 3000, 14000) as t,
    'Search' as event, 'se' as part,
    choose(['tent', 'rain jacket', 'hiking boots', 'headlamp', 'backpack 40l', 'gas stove',
            'down jacket', 'trail shoes', 'sleeping bag', 'water filter', 'poles', 'gaiters'],
        draw(session, 'query') ** 1.4) as query,
    if(draw(session, 'no results') < 0.09, 0, whole(session, 'results', 2, 64)) as results
from sessions join people using (person)
where kind <> 'scraper' and draw(session, 'search') < 0.38
union all
select person, session, started + page * 6000 + whole(hash(session, page), 'pause', 0, 2500),
    'Search', 'se' || page, 'sku ' || whole(hash(session, page), 'query', 1000, 9999), 0
from sessions join people using (person), range(65) as r(page)
where kind = 'scraper';

create temp table registrations as
select person, session, signed_up as t, 'Account Created' as event, 'ac' as part,
    case when platform = 'iOS' and draw(person, 'method') < 0.4 then 'apple'
         when draw(person, 'method') < 0.7 then 'email' else 'google' end as method, source
from sessions join people using (person)
where is_first and kind = 'customer';

-- The shop's range: six categories of forty products; the first of a category sell best.
create temp table products as
select 'NT-' || upper(category[:2]) || '-' || lpad(n::varchar, 3, '0') as sku, category,
    round(median * exp(0.3 * normal(hash(category, n), 'price')), 2) as price,
    first_product + n as product
from (values
    ('Tents', 230, 0), ('Jackets', 153, 40), ('Boots', 124, 80), ('Packs', 91, 120),
    ('Stoves', 57, 160), ('Lamps', 33, 200)
) as v(category, median, first_product), range(40) as r(n);

create temp macro product_of(key) as
    case when draw(key, 'category') < 0.13 then 0 when draw(key, 'category') < 0.34 then 40
         when draw(key, 'category') < 0.56 then 80 when draw(key, 'category') < 0.74 then 120
         when draw(key, 'category') < 0.86 then 160 else 200 end
    + floor(40 * draw(key, 'product') ** 1.6)::int;

create temp table registrations as
select person, session, signed_up as t, source,
    case when platform = 'iOS' and draw(person, 'method') < 0.4 then 'apple'
         when draw(person, 'method') < 0.7 then 'email' else 'google' end as method
from sessions join people using (person)
where is_first and kind = 'customer';

create temp table opens as
select person, session, started as t,
    choose(['(direct)', 'www.google.com', 'www.instagram.com', 'newsletter',
            'trail-magazine.example'],
        draw(session, 'referrer') ** 1.5) as referrer
from sessions join people using (person)
where kind <> 'scraper';

create temp table views as
select person, session, sku, category, price, position,
    started + 15000 + position * 40000::bigint
        + whole(hash(session, position), 'pause', 0, 30000) as t
from (select *, unnest(range(1, views + 1)) as position from sessions)
join people using (person)
join products on product = product_of(hash(session, position))
where kind <> 'scraper';

create temp table searches as
select person, session, 0 as page, started + whole(session, 'search pause', 3000, 14000) as t,
    choose(['tent', 'rain jacket', 'hiking boots', 'headlamp', 'backpack 40l', 'gas stove',
            'down jacket', 'trail shoes', 'sleeping bag', 'water filter', 'poles', 'gaiters'],
        draw(session, 'query') ** 1.4) as query,
    if(draw(session, 'no results') < 0.09, 0, whole(session, 'results', 2, 64)) as results
from sessions join people using (person)
where kind <> 'scraper' and draw(session, 'search') < 0.38
union all
-- The scraper tries article numbers, one every six seconds.
select person, session, page, started + page * 6000 + whole(hash(session, page), 'pause', 0, 2500),
    'sku ' || whole(hash(session, page), 'query', 1000, 9999), 0
from sessions join people using (person), range(1, 66) as r(page)
where kind = 'scraper';

-- What product teams and bugs add to the shop's own events.
create temp table exposures as
select person, session, started + 500 as t, variant
from sessions as s join people using (person)
where s."day" between 91 and 118 and kind = 'customer'
qualify row_number() over (partition by person order by started, session) = 1;

create temp table wishes as
select person, session, sku, t + 9000 as t,
    if(draw(session, 'wish action') < 0.8, 'added', 'removed') as action
from views
join sessions as s using (person, session)
join people using (person)
where position = 1 and wishlists and s."day" >= 56 and kind = 'customer'
    and draw(session, 'wish') < 0.34;

create temp table stray_orders as
select person, session, order_id, revenue, t + 1500 as t
from orders
where "day" >= 105 and draw(session, 'stray') < 0.0105;

create temp table pings as
select person, session, started + 200 as t
from sessions join people using (person)
where draw(session, 'ping') < 0.0045 and kind = 'customer';

-- Of the web shop some sessions are recorded, and all in which a payment failed.
create temp table recordings as
select person, session, started as t, 'replay-' || lower(hex(session)) as replay
from sessions as s join people using (person)
where platform = 'web' and kind = 'customer' and s."day" >= 96
    and (draw(session, 'recorded') < 0.02 or session in (select session from payment_failures));

create temp table heartbeats as
select hash('heartbeat', i) as beat, choose(['orders', 'catalogue', 'mail'], draw(i, 'service'))
        as service,
    day_start(0) + (i * 126 * 86400000::bigint) // getvariable('heartbeats') as t
from range(getvariable('heartbeats')) as r(i);

-- What product teams and bugs add to the shop's own events.
create temp table exposures as
select person, session, started + 500 as t, '$experiment_started' as event, 'ex' as part,
    'one_page_checkout' as "Experiment name", variant as "Variant name"
from sessions as s join people using (person)
where kind = 'customer' and s."day" between 91 and 118
qualify row_number() over (partition by person order by started, session) = 1;

create temp table wishes as
select person, session, t + 9000 as t, 'Wishlist Updated' as event, 'wi' as part, sku,
    if(draw(session, 'wish action') < 0.8, 'added', 'removed') as action
from views join people using (person) join sessions using (person, session)
where position = 1 and wishlists and kind = 'customer' and sessions."day" >= 56
    and draw(session, 'wish') < 0.36;

create temp table stray_orders as
select person, session, t + 1500 as t, 'order_completed' as event, 'st' as part, order_id, revenue
from orders
where "day" >= 105 and draw(session, 'stray') < 0.0085;

create temp table pings as
select person, session, started + 200 as t, 'Debug Ping' as event, 'dp' as part, 'checkout-v2' as build
from sessions join people using (person)
where kind = 'customer' and draw(session, 'ping') < 0.0045;

-- Server heartbeats belong to nobody.
create temp table heartbeats as
select null::ubigint as person, hash('heartbeat', i) as session,
    day_start(0) + (i * 126 * 86400000::bigint) // getvariable('heartbeats') as t,
    'heartbeat' as event, 'hb' as part, choose(['orders', 'catalogue', 'mail'], draw(i, 'service'))
        as service
from range(getvariable('heartbeats')) as r(i);

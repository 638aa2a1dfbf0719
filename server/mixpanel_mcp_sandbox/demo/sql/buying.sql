-- Each table is one step of the way to an order and begins with the survivors of the step before.
create temp table carts as
select person, session, s."day", sku, category, price, platform,
    started + 75000 + views * 40000::bigint + whole(session, 'cart pause', 0, 20000) as t,
    case when draw(session, 'quantity') < 0.72 then 1
         when draw(session, 'quantity') < 0.93 then 2 else 3 end as quantity
from sessions as s
join people using (person)
join products on product = product_of(hash(session, views))
where draw(session, 'cart') < least(0.9, 0.26 * (0.55 + 0.45 * affinity)) and kind <> 'scraper';

create temp table checkouts as
select person, session, c."day", category, round(price * quantity, 2) as cart_value,
    quantity as items, t + whole(session, 'checkout pause', 15000, 90000) as t
from carts as c
join people using (person)
where draw(session, 'checkout') < 0.60 and kind = 'customer';

create temp table payments as
select person, session, c."day", category, cart_value, items,
    t + whole(session, 'payment pause', 20000, 120000) as t,
    case when draw(session, 'method') < 0.62 then 'card'
         when draw(session, 'method') < 0.85 then 'paypal' else 'wallet' end as method
from checkouts as c
join people using (person)
-- The experiment's new checkout loses fewer customers here, and only here.
where draw(session, 'payment')
    < if(c."day" between 91 and 118 and variant = 'one page', 0.935, 0.74);

-- Android 4.2.0 cannot take cards.
create temp table attempts as
select *, draw(session, 'order') < case
        when broken then 0.08 when app_version = '4.1.3' then 0.76 when platform = 'iOS' then 0.80
        else 0.79 end as paid
from (
    select person, session, p."day", category, cart_value, items, plan, platform, app_version,
        t + whole(session, 'order pause', 8000, 60000) as t,
        coalesce(app_version = '4.2.0' and method = 'card', false) as broken,
        p."day" between 63 and 69 as on_sale
    from payments as p
    join sessions using (person, session)
    join people using (person)
);

create temp table orders as
select person, session, "day", t, items, category,
    if(draw(session, 'lost number') < 0.01, null,
        'NT' || lpad(whole(session, 'order number', 0, 9999999999)::varchar, 10, '0')) as order_id,
    round(cart_value * if(plan = 'plus', 0.9, 1.0) * if(on_sale, 0.85, 1.0), 2) as revenue,
    if(on_sale, 'SPRING15', null) as coupon
from attempts
where paid;

create temp table payment_failures as
select person, session, t,
    if(broken, '3DS_TIMEOUT', choose(['CARD_DECLINED', 'INSUFFICIENT_FUNDS', 'EXPIRED_CARD'],
        draw(session, 'error') ** 1.5)) as error_code
from attempts
where not paid and draw(session, 'failure') < if(broken, 0.92, 0.35);

create temp table refunds as
select person, session, order_id, revenue,
    t + whole(session, 'refund pause', 172800000, 777600000) as t,
    choose(['wrong size', 'damaged', 'changed my mind', 'late delivery'], draw(session, 'reason'))
        as reason
from orders
where draw(session, 'refund') < 0.045;

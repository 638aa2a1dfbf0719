-- Each table is one step of the way to an order and begins with the survivors of the step before.
create temp macro in_treatment("day", variant) as "day" between 91 and 118 and variant = 'one page';

create temp table carts as
select person, session, s."day", started + 75000 + views * 40000::bigint
        + whole(session, 'cart pause', 0, 20000) as t,
    'Add to Cart' as event, 'ca' as part, sku, category, price as list_price,
    case when draw(session, 'quantity') < 0.72 then 1
         when draw(session, 'quantity') < 0.93 then 2 else 3 end as quantity,
    -- The new cart of the web shop writes some prices as text.
    if(platform = 'web' and s."day" >= 98 and draw(session, 'text price') < 0.12,
        to_json(price::varchar), to_json(price)) as price
from sessions as s
join people using (person)
join products on product = product_of(hash(session, views))
where draw(session, 'cart') < least(0.9, 0.27 * (0.5 + 0.5 * affinity))
    and kind <> 'scraper';

create temp table checkouts as
select person, session, c."day", t + whole(session, 'checkout pause', 15000, 90000) as t,
    'Checkout Started' as event, 'co' as part, round(list_price * quantity, 2) as cart_value,
    quantity as items, category
from carts as c
join people using (person)
where kind = 'customer' and draw(session, 'checkout') < 0.60;

create temp table payments as
select person, session, c."day", t + whole(session, 'payment pause', 20000, 120000) as t,
    'Payment Added' as event, 'pa' as part, cart_value, items, category,
    case when draw(session, 'method') < 0.62 then 'card'
         when draw(session, 'method') < 0.85 then 'paypal' else 'wallet' end as method
from checkouts as c
join people using (person)
where draw(session, 'payment') < if(in_treatment(c."day", variant), 0.95, 0.80);

create temp table attempts as
select person, session, p."day", t + whole(session, 'order pause', 8000, 60000) as t,
    cart_value, items, category, app_version = '4.2.0' and method = 'card' as broken,
    draw(session, 'order') < case
        when app_version = '4.2.0' and method = 'card' then 0.19
        when platform = 'iOS' then 0.82 else 0.80 end as paid
from payments as p
join sessions as s using (person, session)
join people using (person);

create temp table orders as
select person, session, a."day", t, 'Order Completed' as event, 'or' as part,
    if(draw(session, 'order_id') < 0.01, null,
        'NT' || lpad(whole(session, 'order number', 0, 99999999)::varchar, 8, '0')) as order_id,
    round(cart_value * if(plan = 'plus', 0.9, 1.0) * if(sale, 0.85, 1.0), 2) as revenue,
    items, category, 'USD' as currency, if(sale, 'SPRING15', null) as coupon
from (select *, "day" between 63 and 69 as sale from attempts) as a
join people using (person)
where paid;

create temp table payment_failures as
select person, session, t, 'Payment Failed' as event, 'pf' as part,
    if(broken, '3DS_TIMEOUT', choose(['CARD_DECLINED', 'INSUFFICIENT_FUNDS', 'EXPIRED_CARD'],
        draw(session, 'error') ** 1.5)) as error_code
from attempts
where not paid and draw(session, 'failure') < if(broken, 0.92, 0.35);

create temp table refunds as
select person, session, t + whole(session, 'refund pause', 172800000, 777600000) as t,
    'Order Refunded' as event, 're' as part, order_id, revenue,
    choose(['wrong size', 'damaged', 'changed my mind', 'late delivery'], draw(session, 'reason'))
        as reason
from orders
where draw(session, 'refund') < 0.045;

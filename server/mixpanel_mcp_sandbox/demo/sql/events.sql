-- Every event with its own properties. A patch is merged below, so a null here is "not set".
create temp view drafts as
select person, session, t, 'Session Opened' as event, 'so' as part,
    to_json({'referrer': referrer}) as own
from opens
union all
select person, session, t, 'Account Created', 'ac',
    to_json({'method': method, 'source': source})
from registrations
union all
select person, session, t, 'Search', 'se' || page,
    to_json({'query': query, 'results': results})
from searches
union all
select person, session, t, 'Product Viewed', 'pv' || position,
    to_json({'sku': sku, 'category': category, 'price': price, 'position': position})
from views
union all
-- The web shop's new cart writes some prices as text.
select person, session, t, 'Add to Cart', 'ca',
    to_json({'sku': sku, 'category': category, 'quantity': quantity, 'price':
        if(platform = 'web' and "day" >= 98 and draw(session, 'text price') < 0.12,
            to_json(price::varchar), to_json(price))})
from carts
union all
select person, session, t, 'Checkout Started', 'co',
    to_json({'cart_value': cart_value, 'items': items})
from checkouts
union all
select person, session, t, 'Payment Added', 'pa', to_json({'method': method})
from payments
union all
select person, session, t, 'Payment Failed', 'pf', to_json({'error_code': error_code})
from payment_failures
union all
select person, session, t, 'Order Completed', 'or',
    to_json({'order_id': order_id, 'revenue': revenue, 'items': items, 'category': category,
        'currency': 'USD', 'coupon': coupon})
from orders
union all
select person, session, t, 'Order Refunded', 're',
    to_json({'order_id': order_id, 'revenue': revenue, 'reason': reason})
from refunds
union all
select person, session, t, 'Wishlist Updated', 'wi', to_json({'sku': sku, 'action': action})
from wishes
union all
select person, session, t, '$experiment_started', 'ex',
    to_json({'Experiment name': 'one_page_checkout', 'Variant name': variant})
from exposures
union all
select person, session, t, '$mp_session_record', 'sr',
    to_json({'$mp_replay_retention_period': 30})
from recordings
union all
select person, session, t, 'order_completed', 'st',
    to_json({'order_id': order_id, 'revenue': revenue})
from stray_orders
union all
select person, session, t, 'Debug Ping', 'dp', to_json({'build': 'checkout-v2'})
from pings
union all
select null, beat, t, 'heartbeat', 'hb', to_json({'service': service})
from heartbeats;

-- A sign-up names its device's owner, also for the device's earlier events. Who has not signed
-- up by now is still a device.
create temp table identities as
select person, device_id, platform, signed_up,
    if(signed_up <= getvariable('now'), user_id, null) as user_id
from people;

insert into links
select device_id, user_id from identities where user_id is not null order by user_id;

create temp table settings as
select session, replay, json_strip_nulls(to_json({
        'platform': platform, 'country': country, 'plan': plan, 'company_id': company,
        '$browser': browser, 'app_version': app_version, '$device_id': device_id,
        'utm_source': utm_source,
        'utm_medium': case utm_source when 'google' then 'cpc' when 'instagram' then 'social'
            when 'referral' then 'referral' when 'spring_sale' then 'email' end,
        'utm_campaign': case when utm_source = 'spring_sale' then 'spring_sale'
            when utm_source is not null then 'always_on' end
    })) as shared
from (
    select *, if(is_first and source <> 'organic', source, null) as utm_source
    from sessions join people using (person)
    left join (select session, replay from recordings) using (session)
);

create temp table arrived as
with sent as (
    -- The apps' own retries: one record in two hundred arrives twice.
    select *, part || '-' || lower(hex(session)) as insert_id,
        if(draw(hash(session, part), 'sent twice') < 0.005, 2, 1) as copies,
        unnest(range(copies)) as copy
    from drafts
    where t <= getvariable('now')
),
signed as (
    select sent.*, platform, device_id, user_id as owner,
        if(t < signed_up, null, user_id) as user_id
    from sent left join identities using (person)
)
select event, t, insert_id, copy, copy + 1 < copies as superseded,
    event = 'Add to Cart' and json_type(own, '$.price') = 'VARCHAR' as apart,
    case when person is null then 0 else hash(coalesce(owner, '$device:' || device_id)) end as uid,
    coalesce(user_id, '$device:' || device_id, '') as distinct_id,
    json_merge_patch(coalesce(shared, '{}'),
        -- A refund is made days after the recording.
        json_merge_patch(to_json({
            '$user_id': user_id,
            '$mp_replay_id': if(event = 'Order Refunded', null, replay)
        }), own)) as props
from signed left join settings using (session)
-- The outage: on day 101 nothing of the iOS app got through from 13 to 16 h.
where platform is distinct from 'iOS'
    or t not between day_start(101) + 46800000 and day_start(101) + 57599999;

-- Numbered apart from their properties: sorting those twice would cost a third of the memory.
create temp table numbers as
select insert_id, copy, row_number() over (order by t, insert_id, copy) as seq from arrived;

insert into events
select uid, t, event, insert_id, seq, distinct_id, props::variant
from (from arrived join numbers using (insert_id, copy)
    where not superseded and not apart order by uid, t, seq);

insert into superseded_events
select uid, t, event, insert_id, seq, distinct_id, props::variant
from (from arrived join numbers using (insert_id, copy) where superseded order by uid, t, seq);

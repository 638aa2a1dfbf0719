-- A sign-up names its device's owner, also for the device's earlier events; a person whose
-- sign-up lies ahead is still a device.
create temp table identities as
select person, kind, platform, country, plan, company, browser, device_id, signed_up,
    nullif(source, 'organic') as campaign_source,
    if(signed_up <= getvariable('now'), user_id, null) as user_id,
    coalesce(if(signed_up <= getvariable('now'), user_id, null), '$device:' || device_id)
        as canonical_id
from people;

insert into links
select device_id, user_id from identities where user_id is not null order by user_id;

create temp table drafts as
from opens
union all by name from views
union all by name from searches
union all by name from registrations
union all by name select * exclude ("day", list_price) from carts
union all by name select * exclude ("day", category) from checkouts
union all by name select person, session, t, event, part, method from payments
union all by name select * exclude ("day") from orders
union all by name from payment_failures
union all by name from refunds
union all by name from exposures
union all by name from wishes
union all by name from stray_orders
union all by name from pings
union all by name from heartbeats;

create temp table arrived as
with sent as (
    -- The apps' own retries: one record in two hundred arrives twice.
    select *, part || '-' || lower(hex(session)) as insert_id,
        unnest(range(if(draw(hash(session, part), 'sent twice') < 0.005, 2, 1))) as copy
    from drafts
    where t <= getvariable('now')
)
select sent.*, kind, platform, country, plan, company, browser, app_version, device_id,
    if(t < signed_up, null, user_id) as user_id,
    if(is_first, campaign_source, null) as utm_source,
    if(canonical_id is null, 0, hash(canonical_id)) as uid,
    row_number() over (order by t, insert_id, copy) as seq
from sent
left join identities as i using (person)
left join sessions as s using (person, session)
-- The outage: on day 101 nothing of the iOS app got through from 13 to 16 h.
where platform is distinct from 'iOS'
    or t not between day_start(101) + 46800000 and day_start(101) + 57599999;

insert into events
select uid, t, event, insert_id, seq,
    coalesce(user_id, '$device:' || device_id, '') as distinct_id,
    json_strip_nulls(to_json({
        'platform': platform, 'country': country, 'plan': plan, 'company_id': company,
        '$browser': browser, 'app_version': app_version,
        '$device_id': device_id, '$user_id': user_id,
        'utm_source': utm_source,
        'utm_medium': case utm_source when 'google' then 'cpc' when 'instagram' then 'social'
            when 'referral' then 'referral' when 'spring_sale' then 'email' end,
        'utm_campaign': case when utm_source = 'spring_sale' then 'spring_sale'
            when utm_source is not null then 'always_on' end,
        'referrer': referrer, 'source': source, 'method': method,
        'query': query, 'results': results,
        'sku': sku, 'category': category, 'price': price, 'position': position,
        'quantity': quantity, 'cart_value': cart_value, 'items': items,
        'order_id': order_id, 'revenue': revenue, 'currency': currency, 'coupon': coupon,
        'error_code': error_code, 'reason': reason, 'action': action,
        'Experiment name': "Experiment name", 'Variant name': "Variant name",
        'build': build, 'service': service
    }))::variant as props
from (from arrived order by uid, t, seq);

create temp macro given_names() as [
    'Ada', 'Ben', 'Clara', 'David', 'Emma', 'Felix', 'Grace', 'Hugo', 'Iris', 'Jonas', 'Kenji',
    'Lena', 'Marie', 'Noah', 'Olivia', 'Paulo', 'Quinn', 'Rosa', 'Sofia', 'Theo', 'Uma', 'Victor',
    'Wren', 'Yuki', 'Zoe'];
create temp macro family_names() as [
    'Almeida', 'Bauer', 'Carter', 'Dubois', 'Evans', 'Fischer', 'Garcia', 'Hughes', 'Ito', 'Jensen',
    'Keller', 'Laurent', 'Martin', 'Nakamura', 'Oliveira', 'Parker', 'Quist', 'Rossi', 'Schmidt',
    'Tanaka', 'Usher', 'Vogel', 'Walker', 'Young', 'Zimmer'];

insert into profiles
with activity as (
    select uid, max(t) as last_seen from arrived group by uid
),
purchases as (
    select uid, count(*) as orders, round(sum(revenue), 2) as total
    from (select distinct uid, insert_id, props.revenue::double as revenue from events
          where event = 'Order Completed')
    group by uid
),
tastes as (
    select uid, list(category order by n desc, category)[:2] as categories
    from (select uid, props.category::varchar as category, count(*) as n from events
          where event = 'Product Viewed' group by all)
    group by uid
),
named as (
    select *, hash(user_id) as uid, choose(given_names(), draw(person, 'given name')) as given,
        choose(family_names(), draw(person, 'family name')) as family
    from people
    where signed_up <= getvariable('now')
)
select user_id, json_strip_nulls(to_json({
        '$name': given || ' ' || family,
        '$email': lower(given || '.' || family) || '.' || (i + 1) || '@example.com',
        '$created': strftime(make_timestamp(signed_up * 1000), '%Y-%m-%dT%H:%M:%S'),
        'country': country, 'plan': plan, 'source': source, 'platform': platform,
        'company_id': company, 'wishlists': wishlists,
        'lifetime_orders': coalesce(orders, 0), 'lifetime_value': coalesce(total, 0),
        'favourite_categories': coalesce(categories, []),
        'sizes': {'jacket': choose(['S', 'M', 'L', 'XL'], draw(person, 'jacket')),
                  'boot': whole(person, 'boot', 36, 46)}
    })), last_seen
from named
left join activity using (uid)
left join purchases using (uid)
left join tastes using (uid)
order by user_id;

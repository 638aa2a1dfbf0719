-- The shop's apps update when their owners get round to it; a new install has the newest release.
create temp table installs as
with releases as (
    from (values
        ('iOS', '7.0.2', 0, 4), ('iOS', '7.1.0', 38, 4), ('iOS', '7.2.0', 98, 4),
        ('Android', '4.1.3', 0, 4), ('Android', '4.2.0', 84, 5), ('Android', '4.2.1', 95, 7)
    ) as v(platform, app_version, released, mean_delay)
),
updates as (
    select person, app_version, released, case
        when released <= "day" then 0
        else released + floor(-mean_delay * ln(1 - draw(hash(person, released), 'update')))::int
    end as since
    from people join releases using (platform)
)
select person, app_version, since,
    coalesce(min(since) over (partition by person order by released
        rows between 1 following and unbounded following), 1000) as until
from updates;

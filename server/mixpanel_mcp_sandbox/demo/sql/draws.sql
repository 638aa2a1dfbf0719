-- Randomness without a generator: a draw is a pure function of what it is drawn for, so neither
-- the number of threads nor the hour of building changes it. hash() of several values is only
-- mixed up to an exclusive or; the outer hash() makes draws of one key independent.
create temp macro draw(key, purpose) as (hash(hash(key, purpose)) >> 11) / 9007199254740992e0;
create temp macro normal(key, purpose) as
    sqrt(-2 * ln(1 - draw(key, purpose || ' radius')))
    * cos(2 * pi() * draw(key, purpose || ' angle'));
create temp macro choose(options, u) as options[1 + floor(u * len(options))::int];
create temp macro whole(key, purpose, low, high) as
    low + floor(draw(key, purpose) * (high - low + 1))::bigint;
create temp macro day_start(d) as getvariable('epoch') + d * 86400000::bigint;
create temp macro day_of(t) as (t - getvariable('epoch')) // 86400000;

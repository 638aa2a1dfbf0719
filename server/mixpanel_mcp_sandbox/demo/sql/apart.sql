-- The prices that are text, behind all others: the database is slow to read a property wherever
-- values of two types lie together, and what comes in a transaction of its own lies by itself.
insert into events
select uid, t, event, insert_id, seq, distinct_id, props::variant
from (from arrived join numbers using (insert_id, copy)
    where not superseded and apart order by uid, t, seq);

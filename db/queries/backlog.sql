-- name: waiting_messages
-- How many messages are on their way, and since when the oldest of them is ready and due; by channel, kind
-- (of notices, or a one-time code) and status. $1 now
select channel, 'notice' as kind, status, count(*) as messages, min(ready_at) as ready_at,
    min(due_at) filter (where due_at <= $1::timestamptz) as due_at
from delivery
where status in ('PENDING', 'RETRYING') and contact_code_id is null
group by channel, status
union all
select channel, 'code', status, count(*), min(ready_at), min(due_at) filter (where due_at <= $1::timestamptz)
from delivery
where status in ('PENDING', 'RETRYING') and contact_code_id is not null
group by channel, status
union all
select channel, case when contact_code_id is null then 'notice' else 'code' end, status, count(*), min(ready_at),
    min(due_at)
from delivery
where status = 'CLAIMED'
group by 1, 2, 3
union all
-- those that nobody has decided about yet; what they wait for is a receipt, so none is due
select channel, case when contact_code_id is null then 'notice' else 'code' end, status, count(*), min(ready_at), null
from delivery
where status = 'UNCERTAIN' and settled_at is null
group by 1, 2, 3;

-- name: late_messages
-- Of the messages that became ready within an hour: how many did so at least 1, 5 and 10 minutes ago, and how
-- many of those no provider took within as long. What was dropped is not waited for. $1 now
with ready as (
    select channel, contact_code_id is null as of_notices, $1::timestamptz - ready_at as age,
        coalesce(accepted_at - ready_at, interval '1 day') as took
    from delivery
    where ready_at > $1::timestamptz - interval '1 hour' and ready_at <= $1::timestamptz - interval '1 minute'
        and status <> 'DROPPED'
)
select channel, case when of_notices then 'notice' else 'code' end as kind,
    count(*) as ready_1,
    count(*) filter (where age >= interval '5 minutes') as ready_5,
    count(*) filter (where age >= interval '10 minutes') as ready_10,
    count(*) filter (where took > interval '1 minute') as late_1,
    count(*) filter (where age >= interval '5 minutes' and took > interval '5 minutes') as late_5,
    count(*) filter (where age >= interval '10 minutes' and took > interval '10 minutes') as late_10
from ready
group by channel, of_notices;

-- name: decided_messages
-- Uncertain messages that were decided about within a day. $1 now
select channel, case when contact_code_id is null then 'notice' else 'code' end as kind, decision as "case",
    count(*) as messages
from delivery
where decision is not null and decided_at > $1::timestamptz - interval '1 day'
group by 1, 2, 3;

-- name: failed_messages
-- Messages that were given up within a day. $1 now
select channel, case when contact_code_id is null then 'notice' else 'code' end as kind, status as "case",
    count(*) as messages
from delivery
where status in ('FAILED', 'EXPIRED') and settled_at > $1::timestamptz - interval '1 day'
group by 1, 2, 3;

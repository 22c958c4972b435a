-- name: claim_deliveries
-- What is due on a channel, each under a new claim number; oldest first. A claim that ran out is taken over, so
-- a worker that wakes up late cannot settle it. $1 channel, $2 now, $3 claimed until, $4 rows
with due as materialized (
    select delivery_id
    from delivery
    where channel = $1 and status in ('PENDING', 'CLAIMED') and due_at <= $2
        and (status = 'PENDING' or claimed_until <= $2)
        and contact_code_id is null
    -- by the index alone: at nine in the morning thousands are due since the same instant
    order by due_at
    limit $4
    for update skip locked
)
update delivery d
set status = 'CLAIMED', claimed_until = $3, claim = d.claim + 1,
    first_tried_at = coalesce(d.first_tried_at, $2)
from due
join delivery found using (delivery_id)
left join notification_preference p using (citizen_id)
where d.delivery_id = due.delivery_id
returning d.delivery_id, d.channel, d.claim, d.attempts, d.first_tried_at, d.text_key,
    found.status = 'CLAIMED' as taken_over,
    coalesce((select is_overtaken(n, $2) from notice n where n.notice_id = found.notice_id), false) as overtaken,
    case
        -- it was under way when its plan was closed, and nobody knows what became of it (R12)
        when found.status = 'CLAIMED' and exists (select from notice n join plan q using (plan_id)
            where n.notice_id = found.notice_id and q.status = 'CLOSED') then null
        when d.channel = 'SMS' then case when p.sms and p.sms_verified_at is not null then p.sms_number end
        else case when p.email and p.email_verified_at is not null then p.email_address end end as address;

-- name: settle_delivery
-- Only the claim that holds it may settle. $1 delivery, $2 claim, $3 status, $4 now,
-- $5 provider's id, $6 outcome code
update delivery
set status = $3, claimed_until = null, settled_at = $4, attempts = attempts + 1,
    provider_id = $5, outcome = $6
where delivery_id = $1 and claim = $2 and status = 'CLAIMED'
returning status;

-- name: put_back_delivery
-- To be tried again; gives way to an identical message that has come to wait meanwhile (R127), and
-- is dropped when the plan was closed meanwhile (R12).
-- $1 delivery, $2 claim, $3 due at, $4 now, $5 outcome code
update delivery d
set status = case when other.waits or about.closed then 'DROPPED' else 'PENDING' end,
    settled_at = case when other.waits or about.closed then $4::timestamptz end,
    outcome = case when about.closed then 'plan_closed' when other.waits then 'identical' else $5 end,
    due_at = $3, claimed_until = null, attempts = d.attempts + 1
from (
    select exists (
        select from delivery o
        join delivery own on own.delivery_id = $1 and own.citizen_id = o.citizen_id
            and own.channel = o.channel and own.text_key = o.text_key
        where o.status = 'PENDING'
    ) as waits
) other, (
    select exists (
        select from delivery own join notice n using (notice_id) join plan p using (plan_id)
        where own.delivery_id = $1 and p.status = 'CLOSED'
    ) as closed
) about
where d.delivery_id = $1 and d.claim = $2 and d.status = 'CLAIMED'
returning d.status;

-- name: oldest_due_delivery
-- Since when the delivery that has waited longest is due. $1 channel, $2 now
select due_at from delivery
where channel = $1 and status in ('PENDING', 'CLAIMED') and due_at <= $2
order by due_at
limit 1;

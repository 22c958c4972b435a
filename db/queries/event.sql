-- name: tell_fund
-- A system event for the citizen's fund (R26, R129): codes only. $1 fund, $2 citizen, $3 kind,
-- $4 codes, $5 now, $6 whether somebody listens: without, it is kept and never sent
insert into system_event (receiver, citizen_id, kind, codes, created_at, due_at, status)
values ($1, $2, $3, $4, $5::timestamptz, $5::timestamptz, case when $6::boolean then 'PENDING' end);

-- name: claim_events
-- What is due, each under a new claim number; oldest first. An event waits for the earlier ones of
-- the same citizen unless they are dead. A claim that ran out is taken over. $1 now,
-- $2 claimed until, $3 rows
with due as materialized (
    select system_event_id
    from system_event e
    where status in ('PENDING', 'CLAIMED') and due_at <= $1
        and (status = 'PENDING' or claimed_until <= $1)
        and not exists (
            select from system_event earlier
            where earlier.citizen_id = e.citizen_id and earlier.ordinal < e.ordinal
                and earlier.status in ('PENDING', 'CLAIMED'))
    order by due_at
    limit $3
    for update skip locked
)
update system_event e
set status = 'CLAIMED', claimed_until = $2, claim = e.claim + 1,
    first_tried_at = coalesce(e.first_tried_at, $1)
from due
join system_event found using (system_event_id)
left join organisation o on o.organisation_id = found.receiver
where e.system_event_id = due.system_event_id
returning e.system_event_id as event_id, e.claim, e.attempts, e.first_tried_at,
    found.status = 'CLAIMED' as taken_over, e.kind, e.created_at, e.citizen_id, e.plan_id, e.version,
    e.trigger, e.codes, o.code as receiver;

-- name: settle_event
-- Only the claim that holds it may settle: for good, or to be tried again. $1 event, $2 claim,
-- $3 status, $4 now, $5 due at for another attempt, $6 outcome code
update system_event
set status = $3, claimed_until = null, attempts = attempts + 1, outcome = $6,
    due_at = coalesce($5::timestamptz, due_at),
    settled_at = case when $3 <> 'PENDING' then $4::timestamptz end
where system_event_id = $1 and claim = $2 and status = 'CLAIMED'
returning status;

-- name: event_backlog
-- What is not delivered: since when the oldest waits, how many wait, how many are dead.
select min(created_at) filter (where status <> 'DEAD') as oldest,
    count(*) filter (where status <> 'DEAD') as waiting,
    count(*) filter (where status = 'DEAD') as dead
from system_event
where status in ('PENDING', 'CLAIMED', 'DEAD');

-- name: list_events
-- Undelivered events, or the dead ones alone, oldest first; of no person. $1 dead alone, $2 rows
select e.system_event_id as event_id, e.kind, o.code as receiver, e.version, e.trigger, e.codes,
    e.status, e.attempts, e.outcome, e.created_at, e.first_tried_at, e.due_at, e.settled_at
from system_event e
left join organisation o on o.organisation_id = e.receiver
where e.status = 'DEAD' or not $1 and e.status in ('PENDING', 'CLAIMED')
order by e.ordinal
limit $2;

-- name: show_event
-- One event, whatever became of it; of no person. $1 event
select e.system_event_id as event_id, e.kind, o.code as receiver, e.version, e.trigger, e.codes,
    e.status, e.attempts, e.outcome, e.created_at, e.first_tried_at, e.due_at, e.settled_at
from system_event e
left join organisation o on o.organisation_id = e.receiver
where e.system_event_id = $1;

-- name: revive_events
-- Dead events get a new day of attempts, at once; their ids. $1 event, null for all that are dead
update system_event
set status = 'PENDING', due_at = created_at, first_tried_at = null, settled_at = null, attempts = claim
where status = 'DEAD' and ($1::uuid is null or system_event_id = $1)
returning system_event_id as event_id;

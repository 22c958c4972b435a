-- name: list_ledger
-- Messages as operations see them, of no person: first what was given up, what is uncertain, what waits (the one
-- that has waited longest first), then the others, the newest first. $1 statuses, $2 channel (null: both), $3 rows
select d.delivery_id, d.channel, d.status, d.outcome,
    (select count(*) from delivery_attempt a where a.delivery_id = d.delivery_id) as attempts, d.ready_at
from delivery d
where d.status = any ($1::text[]) and ($2::text is null or d.channel = $2)
order by array_position(array['FAILED', 'EXPIRED', 'UNCERTAIN', 'RETRYING', 'CLAIMED', 'PENDING'], d.status),
    case when d.status in ('RETRYING', 'CLAIMED', 'PENDING') then d.ready_at end, d.ready_at desc
limit $3;

-- name: show_message
-- One message, of no person. $1 delivery
select delivery_id, channel, contact_code_id is not null as is_code, status, outcome, ready_at, due_at, claim,
    claimed_until, accepted_at, settled_at, decision, decided_at, retried_at, merged_into
from delivery
where delivery_id = $1;

-- name: message_covers
-- What a message tells of, oldest first. $1 delivery
select n.event, n.created_at, x.withdrawn
from delivery_notice x
join notice n using (notice_id)
where x.delivery_id = $1
order by n.notice_id;

-- name: message_attempts
-- $1 delivery
select number, provider, begun_at, ended_at, outcome, reason, decision
from delivery_attempt
where delivery_id = $1
order by number;

-- name: message_receipts
-- In the order in which they came. $1 delivery
select number, provider, status, verdict, code, at, received_at
from delivery_receipt
where delivery_id = $1
order by received_at, at, status;

-- name: lock_message
-- Nobody claims or settles it until the transaction ends. $1 delivery
select delivery_id, status, contact_code_id is not null as is_code, claim, claimed_until, settled_at
from delivery
where delivery_id = $1
for update;

-- name: given_up_messages
-- Those that were given up since a moment and may be sent again, oldest first. $1 channel (null: both), $2 since
select delivery_id
from delivery
where status in ('FAILED', 'EXPIRED') and contact_code_id is null and settled_at >= $2
    and ($1::text is null or channel = $1)
order by settled_at, delivery_id;

-- name: retry_message
-- The day of attempts of a message whose row is locked counts anew. An uncertain one is sent again on suspicion:
-- that is noted, and no other notice joins it. $1 delivery, $2 now
with doubtful as (
    update delivery_attempt a set decision = 'RESEND'
    from delivery d
    where d.delivery_id = $1 and d.status = 'UNCERTAIN' and a.delivery_id = d.delivery_id and a.number = d.claim
)
update delivery
set retried_at = $2,
    decision = case status when 'UNCERTAIN' then 'RESEND' else decision end,
    decided_at = case status when 'UNCERTAIN' then $2 else decided_at end
where delivery_id = $1;

-- name: reopen_message
-- After `retry_message`: what the message has become, RETRYING, or DROPPED where one that waits already took its
-- notices over. $1 delivery, $2 due at, $3 now
select reopen_delivery($1, 'RETRYING', $2, 'operator', $3);

-- name: drop_message
-- A message that waits, and whose row is locked, is not sent. $1 delivery, $2 now
update delivery set status = 'DROPPED', outcome = 'operator', settled_at = $2 where delivery_id = $1;

-- name: leave_message
-- An uncertain message, whose row is locked, is left as it is. $1 delivery, $2 now
with doubtful as (
    update delivery_attempt a set decision = 'SILENCE'
    from delivery d
    where d.delivery_id = $1 and a.delivery_id = d.delivery_id and a.number = d.claim
)
update delivery set decision = 'SILENCE', decided_at = $2, settled_at = $2 where delivery_id = $1;

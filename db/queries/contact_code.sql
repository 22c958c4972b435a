-- name: contact_codes_asked
-- When codes were asked for. $1 citizen, $2 channel, $3 later than this
select asked_at from contact_code where citizen_id = $1 and channel = $2 and asked_at > $3;

-- name: end_contact_code
-- The open code, if there is one, is of no use any more, nor its message if it still waits.
-- $1 citizen, $2 channel, $3 now
with ended as (
    update contact_code set ended_at = $3, code_hash = null, expires_at = null
    where citizen_id = $1 and channel = $2 and ended_at is null
    returning contact_code_id
)
update delivery d set status = 'DROPPED', outcome = 'superseded', settled_at = $3
from ended
where d.contact_code_id = ended.contact_code_id and d.status in ('PENDING', 'RETRYING');

-- name: ask_for_contact_code
-- A code to be drawn and sent; its delivery. $1 citizen, $2 channel, $3 now
with code as (
    insert into contact_code (citizen_id, channel, asked_at) values ($1, $2, $3)
    returning contact_code_id
)
insert into delivery (contact_code_id, citizen_id, channel, ready_at, due_at)
select contact_code_id, $1, $2, $3, $3 from code
returning delivery_id;

-- name: open_contact_code
-- $1 citizen, $2 channel
select contact_code_id, asked_at, code_hash, expires_at
from contact_code where citizen_id = $1 and channel = $2 and ended_at is null;

-- name: take_contact_try
-- One more try at a code, counted at once; null when there is none left. $1 code, $2 at most
insert into contact_try as t (contact_code_id, tries) values ($1, 1)
on conflict (contact_code_id) do update set tries = t.tries + 1 where t.tries < $2
returning tries;

-- name: verify_contact
-- $1 citizen, $2 channel, $3 now
update notification_preference
set sms_verified_at = case when $2 = 'SMS' then $3 else sms_verified_at end,
    email_verified_at = case when $2 = 'EMAIL' then $3 else email_verified_at end
where citizen_id = $1;

-- name: claim_contact_codes
-- As `claim_deliveries`, of codes that citizens wait for. $1 channel, $2 now, $3 claimed until, $4 rows
update delivery d set status = 'CLAIMED', claimed_until = $3, claim = d.claim + 1
where d.delivery_id = any (array(
    select delivery_id
    from delivery
    where contact_code_id is not null and channel = $1 and status in ('PENDING', 'RETRYING') and due_at <= $2
    order by due_at
    limit $4
    for update skip locked
))
returning d.delivery_id, d.claim;

-- name: store_contact_code
-- The hash of the code that is about to be sent, unless it is of no use any more or another worker has taken its
-- message over. $1 code, $2 hash, $3 expires at, $4 delivery, $5 claim
update contact_code c set code_hash = $2, expires_at = $3
from delivery d
where c.contact_code_id = $1 and c.ended_at is null
    and d.delivery_id = $4 and d.claim = $5 and d.status = 'CLAIMED'
returning true;

-- name: claim_deliveries
-- What is due on a channel, each under a new claim number; oldest first. What another transaction holds is left
-- for the next look. $1 channel, $2 now, $3 claimed until, $4 rows
update delivery d set status = 'CLAIMED', claimed_until = $3, claim = d.claim + 1
-- as an array: a join would be planned for a tenth of all that waits
where d.delivery_id = any (array(
    select delivery_id
    from delivery
    where channel = $1 and status in ('PENDING', 'RETRYING') and contact_code_id is null and due_at <= $2
    -- by the index alone: at nine in the morning thousands are due since the same instant
    order by due_at
    limit $4
    for update skip locked
))
returning d.delivery_id, d.claim;

-- name: begin_attempts
-- $1 deliveries, $2 their claims, $3 provider, $4 now, $5 how long a one-time code may be entered
select * from begin_attempts($1, $2, $3, $4, $5);

-- name: settle_deliveries
-- $1 deliveries, $2 claims, $3 outcomes of the attempts, $4 statuses, $5 reasons, $6 provider's ids, $7 due at,
-- $8 now
select * from settle_deliveries($1, $2, $3, $4, $5, $6, $7, $8);

-- name: recover_lost_claims
-- $1 now, $2 when an uncertain one is decided, $3 how many lost claims without an attempt are enough
select * from recover_lost_claims($1, $2, $3);

-- name: decide_uncertain
-- $1 now, $2 events of which a duplicate is better than silence, $3 when those are sent again
select * from decide_uncertain($1, $2, $3);

-- name: take_sends
-- $1 provider, $2 wanted, $3 allowed a second, $4 now
select take_sends($1, $2, $3, $4);

-- name: return_sends
-- Sends that were not needed after all. $1 provider, $2 how many, $3 allowed a second
update send_rate set spent_until = spent_until - make_interval(secs => $2::integer / $3::double precision)
where provider = $1;

-- name: begin_purge
-- The purge of a day, for whoever asks first, or finds it left behind; nothing for all others. By day only where
-- none has ended for two days. $1 day, $2 now, $3 held until, $4 whether it is night
insert into purge_run as p (day, begun_at, held_until)
select $1, $2::timestamptz, $3
where $4::boolean or not exists (select from purge_run where ended_at > $2::timestamptz - interval '2 days')
on conflict (day) do update set held_until = excluded.held_until
where p.ended_at is null and p.held_until <= $2
returning true;

-- name: hold_purge
-- $1 day, $2 held until
update purge_run set held_until = $2 where day = $1 and ended_at is null;

-- name: end_purge
-- $1 day, $2 now, $3 before when no attempt has its provider's id any more
update purge_run
set ended_at = $2,
    provider_ids_before = greatest($3, (select max(provider_ids_before) from purge_run))
where day = $1 and ended_at is null;

-- name: purge_contact_codes
-- Codes asked for long ago, with the tries at them; not those whose message is still on its way. How many.
-- $1 asked for before, $2 rows
with gone as (
    delete from contact_code where contact_code_id in (
        select contact_code_id
        from contact_code c
        where asked_at < $1 and not exists (
            select from delivery d
            where d.contact_code_id = c.contact_code_id
                and (d.status in ('PENDING', 'RETRYING', 'CLAIMED') or d.status = 'UNCERTAIN' and d.settled_at is null))
        order by asked_at
        limit $2
        for update skip locked)
    returning 1
)
select count(*) from gone;

-- name: purge_events
-- Events that the common data base has had for long. How many. $1 delivered before, $2 rows
with gone as (
    delete from system_event where system_event_id in (
        select system_event_id from system_event
        where status = 'DELIVERED' and settled_at < $1
        order by settled_at
        limit $2
        for update skip locked)
    returning 1
)
select count(*) from gone;

-- name: purge_answers
-- What mutations answered, kept for clients that ask again. How many. $1 kept before, $2 rows
with gone as (
    delete from kept_answer where claim in (
        select claim from kept_answer
        where kept_at < $1
        order by kept_at
        limit $2
        for update skip locked)
    returning 1
)
select count(*) from gone;

-- name: purge_refusals
-- Logins and uses that were refused long ago. How many. $1 refused before, $2 rows
with gone as (
    delete from login_refusal where login_refusal_id in (
        select login_refusal_id from login_refusal
        where minute < $1
        order by minute
        limit $2
        for update skip locked)
    returning 1
)
select count(*) from gone;

-- name: purge_revocations
-- Revocations whose tokens have expired long since, and whose block is over. How many. $1 revoked before, $2 rows
with gone as (
    delete from login_revocation where subject in (
        select subject from login_revocation
        where revoked_at < $1 and (blocked_until is null or blocked_until < $1)
        order by revoked_at
        limit $2
        for update skip locked)
    returning 1
)
select count(*) from gone;

-- name: forget_provider_ids
-- The providers' own ids of attempts made long ago, of which earlier purges have not seen to it. How many.
-- $1 begun before, $2 rows
with forgotten as (
    update delivery_attempt a set provider_id = null
    from (
        select delivery_id, number from delivery_attempt
        where provider_id is not null and begun_at < $1
            and begun_at >= coalesce((select max(provider_ids_before) from purge_run), '-infinity')
        limit $2
        for update
    ) old
    where a.delivery_id = old.delivery_id and a.number = old.number
    returning 1
)
select count(*) from forgotten;

-- name: last_purge
-- When a purge ended last.
select max(ended_at) from purge_run;

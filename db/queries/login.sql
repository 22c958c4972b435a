-- name: revocations
-- All of them, for the memory of an API process: seconds since 1970, 0 for no block.
select subject, extract(epoch from revoked_at)::float8 as revoked_at,
    coalesce(extract(epoch from blocked_until), 0)::float8 as blocked_until
from login_revocation;

-- name: revoke_login
-- A login's tokens are refused from now on, and all until the end of the longest block that it was given: only
-- restore_login lifts one. Returns that end. $1 subject, $2 blocked until, $3 reason
insert into login_revocation as r (subject, revoked_at, blocked_until, reason)
values ($1, now(), $2::timestamptz, $3)
on conflict (subject) do update
set revoked_at = excluded.revoked_at, blocked_until = greatest(r.blocked_until, excluded.blocked_until),
    reason = excluded.reason
returning blocked_until;

-- name: restore_login
-- Whatever was revoked of a login; nothing when nothing was. $1 subject
delete from login_revocation where subject = $1 returning true;

-- name: list_revocations
-- As operations see them, the newest first. $1 rows
select subject, revoked_at, blocked_until, reason from login_revocation order by revoked_at desc, subject limit $1;

-- name: note_refusals
-- Adds what was counted since the last time. Arrays of one length: $1 minute, $2 reason, $3 role, $4 organisation,
-- $5 subject, $6 operation, $7 client, $8 times
insert into login_refusal as r (minute, reason, role, organisation_code, subject, operation, client, times)
select * from unnest($1::timestamptz[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bytea[],
    $8::bigint[])
on conflict (minute, reason, role, organisation_code, subject, operation, client) do update
set times = r.times + excluded.times;

-- name: list_refusals
-- What was refused since then, by everything but the minute, the most frequent first. $1 from, $2 rows
select reason, sum(times)::bigint as times, min(minute) as first_minute, max(minute) as last_minute, role,
    organisation_code, subject, operation, encode(client, 'hex') as client
from login_refusal
where minute >= $1
group by reason, role, organisation_code, subject, operation, client
order by times desc, reason, last_minute desc
limit $2;

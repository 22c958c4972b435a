-- name: claim_answer
-- The place for an operation's answer: true for the first, and again once what is kept there is too old. Nothing
-- for all others, who have waited here until the first came to its end and now hold its row.
-- $1 claim, $2 request, $3 now, $4 kept until then is too old
insert into kept_answer as k (claim, request, kept_at) values ($1, $2, $3)
on conflict (claim) do update
set request = excluded.request, answer = null, citizens = default, shown = default, rights = default,
    kept_at = excluded.kept_at
where k.kept_at <= $4
returning true;

-- name: keep_answer
-- In the transaction that claimed the place. $1 claim, $2 answer, $3 citizens it is about, $4 those whose plan it
-- shows, $5 role, $6 organisation, $7 own citizen id, $8 today
update kept_answer
set answer = $2, citizens = $3, shown = $4, rights = rights_of($3, $5, $6, $7, $8)
where claim = $1;

-- name: kept_answer
-- With whether all is still to be seen that was when it was given. $1 claim, $2 role, $3 organisation,
-- $4 own citizen id, $5 today
select request, answer, shown, rights <@ rights_of(citizens, $2, $3, $4, $5) as may_see
from kept_answer where claim = $1;

-- name: claim_letters
-- Print files to be written or taken away, each under a new claim number; oldest first. A claim that
-- ran out is taken over. $1 now, $2 claimed until, $3 rows
with due as materialized (
    select letter_task_id, print_claimed_until is not null as taken_over
    from letter_task
    where print_work is not null and coalesce(print_due_at, created_at) <= $1
        and (print_claimed_until is null or print_claimed_until <= $1)
    order by coalesce(print_due_at, created_at)
    limit $3
    for update skip locked
)
update letter_task l
set print_claimed_until = $2, print_claim = l.print_claim + 1,
    print_first_tried_at = coalesce(l.print_first_tried_at, $1)
from due, plan p
where l.letter_task_id = due.letter_task_id and p.plan_id = l.plan_id
returning l.letter_task_id, l.print_work as work, l.print_claim as claim, l.print_attempts as attempts,
    l.print_first_tried_at as first_tried_at, due.taken_over, p.citizen_id, l.plan_id, l.version, l.created_at;

-- name: settle_letter
-- Only the claim that holds it may settle. A task that was sent or dropped while its file was written
-- is not printed: the file is to be taken away, at once. What was written late while its file was taken
-- away is so once more. $1 letter task, $2 claim, $3 work, $4 whether it is done, $5 attempts, $6 now,
-- $7 due at for another attempt, $8 reason
update letter_task
set print_claimed_until = null, print_attempts = $5, print_outcome = $8,
    print_due_at = case when print_work = $3 then $7::timestamptz end,
    printed_at = case when $4 and print_work = 'WRITE' then $6 else printed_at end,
    print_removed_at = case when $4 and $3 = 'REMOVE' and print_outcome is distinct from 'rewritten' then $6
        else print_removed_at end
where letter_task_id = $1 and print_claim = $2 and print_claimed_until is not null
returning case
    when not $4 and $3 = 'REMOVE' then 'FAILED'
    when print_work = 'REMOVE' then 'OVERTAKEN'
    when not $4 then 'FAILED'
    when $3 = 'WRITE' then 'WRITTEN'
    else 'REMOVED' end as outcome;

-- name: rewritten_letter
-- Who lost a claim wrote all the same, perhaps after the file had been taken away: away with it once
-- more. Who has claimed it now settles as ever, so that no claim counts as lost, but may not say that the
-- file is gone. $1 letter task
update letter_task set print_removed_at = null, print_due_at = null,
    print_outcome = case when print_claimed_until is null then print_outcome else 'rewritten' end
where letter_task_id = $1 and status <> 'OPEN';

-- name: expire_letters
-- Print files whose letters were sent before $1 are to be taken away; how many.
with expired as (
    update letter_task set print_expired = true, print_due_at = null
    where status = 'SENT' and printed_at is not null and not print_expired and sent_at < $1
    returning letter_task_id
)
select count(*) from expired;

-- name: letter_backlog
-- What is not written: since when the oldest waits, how many wait; and how many files have failed to be
-- written or taken away at the last attempt.
select min(created_at) filter (where print_work = 'WRITE') as oldest,
    count(*) filter (where print_work = 'WRITE') as waiting,
    count(*) filter (where print_outcome is not null) as failing
from letter_task
where print_work is not null;

-- name: job_goals_of_plan
-- What tells a goal from the others, in the order shown. $1 plan
select job_goal_id, occupation_code, job_function_text, term from job_goal
where plan_id = $1
order by priority;

-- name: remove_job_goals_except
-- $1 plan, $2 ids to keep
delete from job_goal where plan_id = $1 and job_goal_id <> all ($2::uuid[]);

-- name: write_job_goal
-- Makes a goal, or writes one of the plan anew; the caller has made sure that it is the plan's.
-- $1 id (null: a new one), $2 plan, $3 occupation, $4 job function, $5 term,
-- $6 long-term description, $7 priority, $8 reason outside the shortage areas, $9 caseworker,
-- $10 now, $11 today, $12 shortage status today
insert into job_goal as stored (job_goal_id, plan_id, occupation_code, job_function_text, term,
    long_term_description, priority, outside_shortage_reason, confirmed_by, confirmed_at, shortage_status)
values (coalesce($1, uuidv7()), $2, $3, $4, $5, $6, $7, $8, $9, $10, $12)
on conflict (job_goal_id) do update set
    occupation_code = excluded.occupation_code,
    job_function_text = excluded.job_function_text,
    term = excluded.term,
    long_term_description = excluded.long_term_description,
    priority = excluded.priority,
    outside_shortage_reason = excluded.outside_shortage_reason,
    shortage_status = excluded.shortage_status,
    confirmed_by = excluded.confirmed_by,
    -- the same caseworker confirms once a day, so that sending a list again changes nothing (R111)
    confirmed_at = case
        when stored.confirmed_by = excluded.confirmed_by and copenhagen_date(stored.confirmed_at) = $11
            then stored.confirmed_at
        else excluded.confirmed_at end
returning job_goal_id;

-- name: write_sub_goals
-- The sub-goals of a goal, in order; $1 goal, $2 texts, $3 target dates, $4 days they were reached
with gone as (
    delete from sub_goal where job_goal_id = $1 and position > cardinality($2::text[])
)
merge into sub_goal stored
using unnest($2::text[], $3::date[], $4::date[]) with ordinality sent (text, target_date, done_on, position)
on stored.job_goal_id = $1 and stored.position = sent.position
when matched then
    update set text = sent.text, target_date = sent.target_date, done_on = sent.done_on
when not matched then
    insert (job_goal_id, position, text, target_date, done_on)
    values ($1, sent.position, sent.text, sent.target_date, sent.done_on);

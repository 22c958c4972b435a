-- name: education_goals_of_plan
-- What tells a goal from the others, in the order shown. $1 plan
select education_goal_id, education_name from education_goal
where plan_id = $1
order by priority;

-- name: remove_education_goals_except
-- $1 plan, $2 ids to keep
delete from education_goal where plan_id = $1 and education_goal_id <> all ($2::uuid[]);

-- name: write_education_goal
-- Makes a goal, or writes one of the plan anew; the caller has made sure that it is the plan's.
-- $1 id (null: a new one), $2 plan, $3 name, $4 code, $5 priority, $6 caseworker, $7 now, $8 today
insert into education_goal as stored (education_goal_id, plan_id, education_name, education_code,
    priority, agreed_by, agreed_at)
values (coalesce($1, uuidv7()), $2, $3, $4, $5, $6, $7)
on conflict (education_goal_id) do update set
    education_name = excluded.education_name,
    education_code = excluded.education_code,
    priority = excluded.priority,
    agreed_by = excluded.agreed_by,
    -- as of a job goal: confirming again on the same day changes nothing
    agreed_at = case
        when stored.agreed_by = excluded.agreed_by and copenhagen_date(stored.agreed_at) = $8
            then stored.agreed_at
        else excluded.agreed_at end
returning education_goal_id;

-- name: add_target_group_period
-- $1 citizen, $2 target group, $3 plan type, $4 from
insert into target_group_period (citizen_id, target_group, plan_type, valid_from)
values ($1, $2, $3, $4);

-- name: present_target_group_from
-- $1 citizen
select valid_from from target_group_period where citizen_id = $1 and valid_to is null;

-- name: replace_target_group
-- A change on the first day of the present period replaces it. $1 citizen, $2 group, $3 plan type
update target_group_period set target_group = $2, plan_type = $3
where citizen_id = $1 and valid_to is null;

-- name: end_target_group
-- $1 citizen, $2 first day of the next period
update target_group_period set valid_to = $2 where citizen_id = $1 and valid_to is null;

-- name: set_plan_type
-- $1 plan, $2 plan type
update plan set plan_type = $2 where plan_id = $1;

-- name: end_requirements
-- The requirements of another issuer end with the group (R75); one that has not begun has an
-- empty period. $1 plan, $2 issuer from now on (null: nobody), $3 last day
update job_search_requirement
set valid_to = greatest($3::date, valid_from - 1)
where plan_id = $1 and issuer is distinct from $2 and (valid_to is null or valid_to > $3);

-- name: sought_jobs
-- The list as documents show it. $1 citizen
select sought_jobs_json($1)::text;

-- name: has_occupation
-- $1 code, $2 today
select exists (
    select from occupation
    where code = $1 and valid_from <= $2 and (valid_to is null or valid_to >= $2)
);

-- name: add_sought_job
-- Nothing when it is on the list already. $1 citizen, $2 occupation, $3 now, $4 added during,
-- $5 caseworker who helped
insert into sought_job (citizen_id, occupation_code, added_at, added_during, assisted_by)
values ($1, $2, $3, $4, $5)
on conflict (citizen_id, occupation_code) do nothing
returning sought_job_id;

-- name: has_sought_job
-- $1 citizen, $2 sought job
select exists (select from sought_job where citizen_id = $1 and sought_job_id = $2);

-- name: remove_sought_job
-- $1 citizen, $2 sought job
delete from sought_job where citizen_id = $1 and sought_job_id = $2;

-- name: reset_approval
-- $1 citizen
update sought_job set approved_by = null, approved_at = null
where citizen_id = $1 and approved_by is not null;

-- name: approve_sought_jobs
-- What is approved keeps its name and time. $1 citizen, $2 caseworker, $3 now
update sought_job set approved_by = $2, approved_at = $3
where citizen_id = $1 and approved_by is null
returning sought_job_id;

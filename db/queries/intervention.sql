-- name: intervention_kinds
-- The kinds that there are today. $1 today
select code, type_name, timeline_label, hidden_from_fund, fund_may_create, vitas_import
from intervention_kind
where valid_from <= $1 and (valid_to is null or valid_to >= $1)
order by code;

-- name: kinds_in_plan
-- $1 plan
select distinct kind from intervention where plan_id = $1 and cancelled_at is null;

-- name: goals_to_link
-- Those of the ids that are goals of the plan, with the sort of each. $1 plan, $2 ids
select job_goal_id as goal_id, true as is_job_goal from job_goal
where plan_id = $1 and job_goal_id = any ($2::uuid[])
union all
select education_goal_id, false from education_goal
where plan_id = $1 and education_goal_id = any ($2::uuid[]);

-- name: create_intervention
-- $1 plan, $2 caseworker, $3 whether the organisation is shown, $4 plan type it is written under,
-- $5 now, $6 right and duty, $7 whether it is an offer,
-- $8 the fields of the draft as a JSON object of column names: a kind fills a dozen of them
insert into intervention (plan_id, agreed_with, shows_organisation, written_under_plan_type, created_at,
    right_and_duty, is_offer, kind, scheme, headline, hours_per_week, minutes_per_week, description,
    start_date, end_date, why, latest_status, latest_status_by, latest_status_at, origin, external_id,
    place, contact_name, contact_phone, contact_email, occupation, workplace, company_address, cvr,
    p_number, course, provider, mentor_name, mentor_tasks, aid_form, aid_category, aid_purpose,
    task_description, code_list, code, code_label, facilitator_name, notice_basis, notice_on,
    outside_shortage_reason)
select $1, $2::uuid, $3, $4, $5::timestamptz, $6, $7, d.kind, d.scheme, d.headline, d.hours_per_week, d.minutes_per_week,
    d.description, d.start_date, d.end_date, d.why, d.latest_status,
    case when d.latest_status is not null then $2::uuid end,
    case when d.latest_status is not null then $5::timestamptz end, d.origin, d.external_id,
    d.place, d.contact_name, d.contact_phone, d.contact_email,
    coalesce(d.occupation, (select label from occupation o where o.code = $8 ->> 'occupation_code')),
    d.workplace, d.company_address, d.cvr, d.p_number, d.course, d.provider, d.mentor_name, d.mentor_tasks,
    d.aid_form, d.aid_category, d.aid_purpose, d.task_description, d.code_list, d.code, d.code_label,
    d.facilitator_name, d.notice_basis, d.notice_on, d.outside_shortage_reason
from jsonb_populate_record(null::intervention, $8::jsonb) d
returning intervention_id;

-- name: link_goal
-- $1 intervention, $2 job goal, $3 education goal: one of them
insert into goal_link (intervention_id, job_goal_id, education_goal_id) values ($1, $2, $3);

-- name: record_contact_attempt
-- $1 intervention, $2 day, $3 whether the citizen was reached
insert into contact_attempt (intervention_id, attempted_on, reached) values ($1, $2, $3);

-- name: set_intervention_status
-- The latest status (R82), null for none; who told it stays where nothing is changed.
-- $1 intervention, $2 plan, $3 text, $4 caseworker, $5 now
update intervention set
    latest_status = $3,
    latest_status_by = case
        when $3::text is null then null
        when latest_status = $3 then latest_status_by
        else $4::uuid end,
    latest_status_at = case
        when $3::text is null then null
        when latest_status = $3 then latest_status_at
        else $5::timestamptz end
where intervention_id = $1 and plan_id = $2
returning intervention_id, hidden_from_fund(intervention) as hidden_from_fund;

-- name: tell_fund_of_intervention
-- A system event for the citizen's fund (R129): codes only. $1 fund, $2 citizen, $3 codes, $4 now
insert into system_event (receiver, citizen_id, kind, codes, created_at)
values ($1, $2, 'INTERVENTION_NEW', $3, $4);

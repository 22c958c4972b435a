-- name: intervention_kinds
-- The kinds that there are on a day. $1 day, null for all kinds that there ever were
select code, type_name, timeline_label, hidden_from_fund, fund_may_create, vitas_import
from intervention_kind
where $1::date is null or (valid_from <= $1 and (valid_to is null or valid_to >= $1))
order by code;

-- name: kind_in_force
-- Whether there are a kind and its scheme on a day. $1 kind, $2 scheme or null, $3 day
select
    exists (select from intervention_kind
        where code = $1 and valid_from <= $3 and (valid_to is null or valid_to >= $3)) as kind,
    $2::text is null or exists (select from education_scheme
        where code = $2 and valid_from <= $3 and (valid_to is null or valid_to >= $3)) as scheme;

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
-- $1 plan, $2 caseworker (null: agreed_organisation_id says who), $3 whether the organisation is
-- shown, $4 plan type it is written under, $5 now, $6 right and duty, $7 whether it is an offer,
-- $8 the fields of the draft as a JSON object of column names: a kind fills a dozen of them
insert into intervention (plan_id, agreed_with, agreed_organisation_id, agreed_with_name, system,
    shows_organisation, written_under_plan_type, created_at, right_and_duty, is_offer, kind, scheme, headline, hours_per_week, minutes_per_week, description,
    start_date, end_date, why, latest_status, latest_status_by, latest_status_at, origin, external_id,
    place, contact_name, contact_phone, contact_email, occupation, occupation_code, workplace,
    company_address, cvr, p_number, course, provider, mentor_name, mentor_tasks, aid_form, aid_category, aid_purpose,
    task_description, code_list, code, code_label, facilitator_name, notice_basis, notice_on,
    outside_shortage_reason)
select $1, $2::uuid, d.agreed_organisation_id, d.agreed_with_name, d.system, $3, $4, $5::timestamptz,
    $6, $7, d.kind, d.scheme, d.headline, d.hours_per_week, d.minutes_per_week,
    d.description, d.start_date, d.end_date, d.why, d.latest_status,
    case when d.latest_status is not null then $2::uuid end,
    case when d.latest_status is not null then $5::timestamptz end, d.origin, d.external_id,
    d.place, d.contact_name, d.contact_phone, d.contact_email,
    coalesce(d.occupation, (select label from occupation o where o.code = d.occupation_code)),
    d.occupation_code, d.workplace, d.company_address, d.cvr, d.p_number, d.course, d.provider, d.mentor_name, d.mentor_tasks,
    d.aid_form, d.aid_category, d.aid_purpose, d.task_description, d.code_list, d.code, d.code_label,
    d.facilitator_name, d.notice_basis, d.notice_on, d.outside_shortage_reason
from jsonb_populate_record(null::intervention, $8::jsonb) d
returning intervention_id;

-- name: link_goal
-- $1 intervention, $2 job goal, $3 education goal: one of them
insert into goal_link (intervention_id, job_goal_id, education_goal_id) values ($1, $2, $3);

-- name: record_contact_attempt
-- $1 intervention, $2 day, $3 whether the citizen was reached, $4 plan type it is recorded under
insert into contact_attempt (intervention_id, attempted_on, reached, recorded_under_plan_type)
values ($1, $2, $3, $4);

-- name: stored_intervention
-- What a change of it starts from: its columns, the day it was first published, the goals it serves,
-- and the day on which its start date became available. $1 intervention, $2 plan
select i.*, (i.created_at at time zone 'Europe/Copenhagen')::date as first_published,
    coalesce(i.start_moved_on, (i.created_at at time zone 'Europe/Copenhagen')::date) as available_on,
    array(select coalesce(n.job_goal_id, n.education_goal_id) from goal_link n
        where n.intervention_id = i.intervention_id) as goal_ids
from intervention i where i.intervention_id = $1 and i.plan_id = $2;

-- name: contact_attempts
-- $1 intervention
select attempted_on, reached from contact_attempt where intervention_id = $1
order by attempted_on, contact_attempt_id;

-- name: occupation_label
-- $1 code
select label from occupation where code = $1;

-- name: update_intervention
-- Its facts anew; what it is, who agreed it and its latest status stay.
-- $1 intervention, $2 all its columns as a JSON object, $3 plan type that this is written under
update intervention i set
    (headline, hours_per_week, minutes_per_week, description, start_date, end_date, why,
        place, contact_name, contact_phone, contact_email, occupation, occupation_code, workplace,
        company_address, cvr, p_number, course, provider, mentor_name, mentor_tasks, aid_form, aid_category,
        aid_purpose, task_description, code_list, code, code_label, facilitator_name,
        notice_basis, notice_on, outside_shortage_reason, right_and_duty, agreed_with_name, start_moved_on) = (
    select d.headline, d.hours_per_week, d.minutes_per_week, d.description, d.start_date, d.end_date, d.why,
        d.place, d.contact_name, d.contact_phone, d.contact_email, d.occupation, d.occupation_code, d.workplace,
        d.company_address, d.cvr, d.p_number, d.course, d.provider, d.mentor_name, d.mentor_tasks, d.aid_form, d.aid_category,
        d.aid_purpose, d.task_description, d.code_list, d.code, d.code_label, d.facilitator_name,
        d.notice_basis, d.notice_on, d.outside_shortage_reason, d.right_and_duty, d.agreed_with_name,
        d.start_moved_on
    from jsonb_populate_record(null::intervention, $2::jsonb) d),
    changed_under_plan_type = $3
where i.intervention_id = $1
returning hidden_from_fund(i) as hidden_from_fund;

-- name: unlink_goals
-- $1 intervention
delete from goal_link where intervention_id = $1;

-- name: set_intervention_status
-- The latest status (R82), null for none; who told it stays where nothing is changed.
-- $1 intervention, $2 plan, $3 text, $4 caseworker, $5 now, $6 plan type it is told under
update intervention set
    latest_status = $3,
    (latest_status_by, latest_status_at, status_under_plan_type) = (
        select x.caseworker, x.told_at, x.plan_type from (values
            (latest_status_by, latest_status_at, status_under_plan_type, latest_status = $3),
            ($4::uuid, $5::timestamptz, $6, latest_status is distinct from $3)
        ) x (caseworker, told_at, plan_type, chosen)
        where x.chosen and $3::text is not null)
where intervention_id = $1 and plan_id = $2
returning intervention_id, hidden_from_fund(intervention) as hidden_from_fund;

-- name: cancel_intervention
-- $1 intervention, $2 now, $3 reason, $4 plan type it is cancelled under, $5 whether funds see that type
update intervention i set cancelled_at = $2, cancel_reason = $3,
    changed_under_plan_type = case when $5 then changed_under_plan_type else $4 end
where i.intervention_id = $1
returning hidden_from_fund(i) as hidden_from_fund;

-- name: note_contact
-- After a call about an offer; it is the notice of the start date if the offer has no other.
-- $1 intervention, $2 day, $3 whether it is the notice, $4 plan type, $5 whether funds see that type
update intervention i set
    notice_basis = case when $3 then coalesce(notice_basis, 'PHONE') else notice_basis end,
    notice_on = case when $3 then coalesce(notice_on, $2) else notice_on end,
    changed_under_plan_type = case when $5 then changed_under_plan_type else $4 end
where i.intervention_id = $1
returning hidden_from_fund(i) as hidden_from_fund;

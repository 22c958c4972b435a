-- name: read_education_order
-- The order with its running step, what the citizen saved of it, and what was sent of it before
-- under the keys of the document. Nothing without an order. $1 plan
select o.current_step, o.admitted_application_id, o.start_date, o.started_on, o.completed_on,
    s.education_step_id, s.status, s.deadline, d.body as draft,
    coalesce((select jsonb_agg(jsonb_build_object('priority', e.priority, 'education_name', e.education_name,
        'reason', e.reason) order by e.priority)
        from education_proposal e where e.education_step_id = s.education_step_id), '[]') as education_proposals,
    coalesce((select jsonb_agg(jsonb_build_object('goal', i.goal, 'institution', i.institution) order by i.position)
        from institution_proposal i where i.education_step_id = s.education_step_id), '[]') as institution_proposals,
    s.institution_reason,
    coalesce((select jsonb_agg(application_json(a)::jsonb order by a.position)
        from education_application a where a.plan_id = o.plan_id), '[]') as applications,
    exists (select from support_need n where n.plan_id = o.plan_id) as assessed,
    exists (select from institution_contact c where c.plan_id = o.plan_id) as has_contact
from education_order o
left join education_step s on s.plan_id = o.plan_id and s.status <> 'CLOSED'
left join education_step_draft d on d.education_step_id = s.education_step_id
where o.plan_id = $1;

-- name: set_current_step
-- $1 plan, $2 step
insert into education_order as o (plan_id, current_step) values ($1, $2)
on conflict (plan_id) do update set current_step = excluded.current_step
where o.current_step <> excluded.current_step;

-- name: close_education_step
-- A step that is left; what was saved in it and never sent goes with it. $1 step
with unsent as (
    delete from education_step_draft where education_step_id = $1
)
update education_step set status = 'CLOSED' where education_step_id = $1;

-- name: open_education_step
-- $1 plan, $2 step, $3 now, $4 caseworker, $5 deadline
insert into education_step (plan_id, step, opened_at, opened_by, caseworker_id, deadline, status)
values ($1, $2, $3, $4, $4, $5, 'OPEN')
returning education_step_id;

-- name: reschedule_education_step
-- $1 step, $2 deadline, $3 caseworker, $4 status
update education_step set deadline = $2, caseworker_id = $3, status = $4 where education_step_id = $1;

-- name: save_education_step
-- The citizen's own, outside the document (R98). $1 step, $2 now, $3 body
insert into education_step_draft (education_step_id, saved_at, body) values ($1, $2, $3)
on conflict (education_step_id) do update set saved_at = excluded.saved_at, body = excluded.body;

-- name: send_education_step
-- $1 step, $2 now, $3 whether it is late
with sent as (
    delete from education_step_draft where education_step_id = $1
)
update education_step set status = 'SENT', sent_at = $2, late = $3 where education_step_id = $1;

-- name: remove_education_proposals
-- $1 step
delete from education_proposal where education_step_id = $1;

-- name: write_education_proposals
-- $1 step, $2 names and $3 reasons in order of priority
insert into education_proposal (education_step_id, priority, education_name, reason)
select $1, p.priority, p.name, p.reason
from unnest($2::text[], $3::text[]) with ordinality p (name, reason, priority);

-- name: remove_institution_proposals
-- $1 step
delete from institution_proposal where education_step_id = $1;

-- name: write_institution_proposals
-- $1 step, $2 goals, $3 institutions, $4 the joint reason
with reasoned as (
    update education_step set institution_reason = $4 where education_step_id = $1
)
insert into institution_proposal (education_step_id, position, goal, institution)
select $1, p.position, p.goal, p.institution
from unnest($2::text[], $3::text[]) with ordinality p (goal, institution, position);

-- name: remove_applications_except
-- $1 plan, $2 ids to keep
delete from education_application where plan_id = $1 and application_id <> all ($2::uuid[]);

-- name: write_application
-- The caller has made sure that a known id is one of the plan. $1 id, $2 plan, $3 position
-- (null: as it is, a new one last), $4 goal, $5 institution, $6 whether it was sent, $7 answer
insert into education_application as stored (application_id, plan_id, position, goal, institution, sent, answer)
values ($1, $2,
    coalesce($3, (select coalesce(max(a.position), 0) + 1 from education_application a where a.plan_id = $2)),
    $4, $5, $6, $7)
on conflict (application_id) do update set
    position = coalesce($3, stored.position),
    goal = excluded.goal,
    institution = excluded.institution,
    sent = excluded.sent,
    answer = excluded.answer;

-- name: record_admission
-- $1 plan, $2 application (null: the admission was taken back), $3 start date, $4 started on, $5 completed on
update education_order set admitted_application_id = $2, start_date = $3, started_on = $4, completed_on = $5
where plan_id = $1;

-- name: assess_support_need
-- $1 plan, $2 today, $3 caseworker, $4 whether there is a need, $5 text
insert into support_need (plan_id, assessed_on, assessed_by, has_need, text) values ($1, $2, $3, $4, $5)
on conflict (plan_id) do update set
    assessed_on = excluded.assessed_on,
    assessed_by = excluded.assessed_by,
    has_need = excluded.has_need,
    text = excluded.text;

-- name: remove_support_need_interventions
-- $1 plan
delete from support_need_intervention where plan_id = $1;

-- name: add_support_need_intervention
-- Nothing when the intervention is not one of the plan. $1 plan, $2 intervention
insert into support_need_intervention (plan_id, intervention_id)
select plan_id, intervention_id from intervention where plan_id = $1 and intervention_id = $2
returning intervention_id;

-- name: set_institution_contact
-- $1 plan, $2 name, $3 phone, $4 e-mail
insert into institution_contact (plan_id, name, phone, email) values ($1, $2, $3, $4)
on conflict (plan_id) do update set name = excluded.name, phone = excluded.phone, email = excluded.email;

-- name: release_handover
-- The package is written here once and for all; releasing again writes it anew, and the institution
-- is to receive it anew. $1 plan, $2 institution, $3 other information, $4 now
insert into handover_package as stored
    (plan_id, institution_id, other_essential_information, released_at, body)
values ($1, $2, $3, $4, handover_body($1))
on conflict (plan_id, institution_id) do update set
    other_essential_information = excluded.other_essential_information,
    released_at = excluded.released_at,
    received_at = null,
    body = excluded.body
returning handover_package_id;

-- name: lock_handover
-- The first statement of a receipt: locks the citizen whom the package is about. Nothing for a package
-- that is not addressed to the institution (R153). $1 package, $2 the institution's code
select c.citizen_id
from citizen c
where c.citizen_id = (
    select p.citizen_id
    from handover_package h
    join organisation o on o.organisation_id = h.institution_id
    join plan p on p.plan_id = h.plan_id
    where h.handover_package_id = $1 and o.kind = 'EDUCATION_INSTITUTION' and o.code = $2)
for no key update of c;

-- name: read_handover
-- $1 package
select h.plan_id, h.released_at, h.received_at, p.status = 'ACTIVE' as active
from handover_package h join plan p on p.plan_id = h.plan_id
where h.handover_package_id = $1;

-- name: confirm_handover
-- $1 package, $2 received at
update handover_package set received_at = $2 where handover_package_id = $1;

-- name: read_handover_packages
-- A page of the packages addressed to an institution (R153), the last released first, as they were
-- released; each one read is logged (R149). $1 the institution's code, $2 now, $3 subject, $4 name,
-- $5 operation, $6 and $7 release and id after which the page begins (null: from the newest), $8 rows.
-- Answers one row more when there is a next page.
with page as materialized (
    select h.handover_package_id as id, o.name as institution, h.other_essential_information,
        h.released_at, h.received_at, h.body, p.citizen_id,
        row_number() over (order by h.released_at desc, h.handover_package_id desc) as place
    from organisation o
    join handover_package h on h.institution_id = o.organisation_id
    join plan p on p.plan_id = h.plan_id
    where o.kind = 'EDUCATION_INSTITUTION' and o.code = $1
      and ($6::timestamptz is null or (h.released_at, h.handover_package_id) < ($6, $7))
    order by h.released_at desc, h.handover_package_id desc
    limit $8 + 1
), log as (
    insert into access_log (at, subject, name, role, organisation_code, citizen_id, operation, elements, written)
    select $2, $3, $4, 'institution', $1, citizen_id, $5, '{handover}', false from page where place <= $8
)
select id, institution, other_essential_information, released_at, received_at, body
from page order by place;

-- name: test_days
-- When tests of a kind were taken. $1 plan, $2 kind
select taken_on from test_result where plan_id = $1 and kind = $2 order by taken_on;

-- name: register_test_result
-- $1 plan, $2 kind, $3 day, $4 result, $5 course recommended, $6 requested by, $7 reason
insert into test_result (plan_id, kind, taken_on, result, course_recommended, requested_by, reason)
values ($1, $2, $3, $4, $5, $6, $7)
returning test_result_id;

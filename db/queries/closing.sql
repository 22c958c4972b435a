-- name: is_under_kui
-- $1 citizen
select under_kui from citizen where citizen_id = $1;

-- name: store_kui_export
-- What the education plan is written from, as the plan says it now (R105). $1 plan, $2 now, $3 caseworker
insert into kui_export (plan_id, exported_at, exported_by, body)
select plan_id, $2, $3, kui_export_body(p) from plan p where plan_id = $1;

-- name: close_plan
-- $1 plan, $2 now
update plan set status = 'CLOSED', closed_at = $2 where plan_id = $1;

-- name: end_all_requirements
-- One that has not begun keeps an empty period as history. $1 plan, $2 last day
update job_search_requirement set valid_to = greatest($2, valid_from - 1)
where plan_id = $1 and (valid_to is null or valid_to > $2) and valid_to is distinct from valid_from - 1;

-- name: close_education_steps
-- What was saved and never sent goes, as with every step that is left. $1 plan
with unsent as (
    delete from education_step_draft d using education_step s
    where s.plan_id = $1 and s.education_step_id = d.education_step_id
)
update education_step set status = 'CLOSED' where plan_id = $1 and status <> 'CLOSED';

-- name: settle_all_items
-- Whatever waits about the citizen is done with; items of a fund that may not see the plan stay.
-- $1 citizen, $2 now, $3 whether a fund may see the plan
update inbox_item i set done_at = $2
from organisation o
where i.citizen_id = $1 and i.done_at is null and o.organisation_id = i.organisation_id
  and ($3 or o.kind <> 'UNEMPLOYMENT_FUND')
returning o.kind;

-- name: drop_letter_tasks
-- Letters that will not be sent. $1 plan
update letter_task l set status = 'DROPPED'
where l.plan_id = $1 and l.status = 'OPEN'
returning fund_knows(l) as fund_knows;

-- name: lock_open_deliveries
-- Messages that wait, held before anything is read of them: others may have joined a moment ago. $1 citizen
select from delivery
where citizen_id = $1 and status in ('PENDING', 'RETRYING') and contact_code_id is null
order by delivery_id
for update;

-- name: drop_deliveries
-- What still waits to be told of the plan; a message that tells of nothing else is dropped, one that a worker
-- holds is under way. $1 citizen, $2 plan, $3 now
with open as materialized (
    select delivery_id from delivery
    where citizen_id = $1 and status in ('PENDING', 'RETRYING') and contact_code_id is null
), withdrawn as (
    update delivery_notice x set withdrawn = 'plan_closed'
    from open, notice n
    where x.delivery_id = open.delivery_id and n.notice_id = x.notice_id and n.plan_id = $2 and x.withdrawn is null
    returning x.delivery_id, x.notice_id
)
update delivery d set status = 'DROPPED', settled_at = $3, outcome = 'plan_closed'
from open
where d.delivery_id = open.delivery_id and exists (select from withdrawn w where w.delivery_id = d.delivery_id)
    and not exists (select from delivery_notice x
        where x.delivery_id = d.delivery_id and x.withdrawn is null
            and x.notice_id not in (select w.notice_id from withdrawn w));

-- name: shown_version
-- Number of the plan that an audience reads, closed or not. $1 citizen, $2 audience
select number from plan_document where citizen_id = $1 and audience = $2 and active and visible;

-- name: earlier_plans
-- Plans before the one an audience reads, newest first, those it may see.
-- $1 citizen, $2 audience, $3 before this plan (null: from the newest), $4 rows, $5 sections
select d.number, d.published_at, d.acknowledgement, d.visible, d.plan_id, document_json(d, $5) as document,
    c.body, null::jsonb as draft
from plan p
join plan_document d on d.plan_id = p.plan_id and d.audience = $2 and d.visible and not d.active
join citizen_document c on c.citizen_id = p.citizen_id and c.audience = $2
where p.citizen_id = $1 and ($3::uuid is null or p.plan_id < $3)
order by p.plan_id desc
limit $4;

-- name: set_holistic
-- $1 plan, $2 whether the plan is the holistic one, $3 when the citizen consented
update plan set holistic = $2, holistic_consent_at = $3 where plan_id = $1;

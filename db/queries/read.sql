-- name: read_plan_as_citizen
-- A citizen reads the own plan: scope and document in one statement.
-- $1 citizen, $2 the viewer's own id, $3 sections (see document_json)
select d.number, d.published_at, d.acknowledgement, d.visible, d.plan_id, c.body, document_json(d, $3) as document,
    (select x.body from education_step_draft x join education_step s using (education_step_id)
        where s.plan_id = d.plan_id and s.status in ('OPEN', 'REOPENED')) as draft
from citizen_document c
left join plan_document d on d.citizen_id = c.citizen_id and d.audience = 'FULL' and d.active
where c.citizen_id = $1 and c.citizen_id = $2 and c.audience = 'FULL';

-- name: read_plan_as_jobcenter
-- Scope, document and the access log's row in one statement (R149).
-- $1 citizen, $2 municipality, $3 now, $4 subject, $5 name, $6 operation, $7 elements, $8 sections
with scope as (
    select citizen_id from citizen where citizen_id = $1 and municipality_code = $2
), log as (
    insert into access_log (at, subject, name, role, organisation_code, citizen_id, operation, elements, written)
    select $3, $4, $5, 'jobcenter', $2, citizen_id, $6, $7::text[], false from scope
)
select d.number, d.published_at, d.acknowledgement, d.visible, d.plan_id, c.body, document_json(d, $8) as document,
    null::jsonb as draft
from scope
join citizen_document c on c.citizen_id = scope.citizen_id and c.audience = 'FULL'
left join plan_document d on d.citizen_id = c.citizen_id and d.audience = 'FULL' and d.active;

-- name: read_plan_as_fund
-- The same for a fund: its members while the membership lasts (R152), and its own document.
-- $1 citizen, $2 fund code, $3 now, $4 subject, $5 name, $6 operation, $7 elements, $8 today,
-- $9 sections
with scope as (
    select m.citizen_id from membership m join organisation o on o.organisation_id = m.fund_id
    where m.citizen_id = $1 and o.kind = 'UNEMPLOYMENT_FUND' and o.code = $2
      and m.valid_from <= $8 and (m.valid_to is null or m.valid_to > $8)
), log as (
    insert into access_log (at, subject, name, role, organisation_code, citizen_id, operation, elements, written)
    select $3, $4, $5, 'fund', $2, citizen_id, $6, $7::text[], false from scope
)
select d.number, d.published_at, d.acknowledgement, d.visible, d.plan_id, c.body, document_json(d, $9) as document,
    null::jsonb as draft
from scope
join citizen_document c on c.citizen_id = scope.citizen_id and c.audience = 'FUND'
left join plan_document d on d.citizen_id = c.citizen_id and d.audience = 'FUND' and d.active;

-- name: read_hidden_plans
-- Plans before the present one that a fund may not see: what is its own in them stays readable (R88).
-- $1 citizens, $2 sections
select d.citizen_id, d.number, d.published_at, d.acknowledgement, d.visible, d.plan_id, c.body,
    document_json(d, $2) as document, null::jsonb as draft
from plan p
join plan_document d on d.plan_id = p.plan_id and d.audience = 'FUND' and not d.visible and not d.active
join citizen_document c on c.citizen_id = p.citizen_id and c.audience = 'FUND'
where p.citizen_id = any ($1::uuid[]);

-- name: read_published
-- The document as this operation leaves it, for its payload. $1 plan, $2 audience, $3 sections
select d.number, d.published_at, d.acknowledgement, d.visible, d.plan_id, document_json(d, $3) as document,
    c.body, null::jsonb as draft
from plan_document d
join citizen_document c on c.citizen_id = d.citizen_id and c.audience = d.audience
where d.plan_id = $1 and d.audience = $2;

-- name: read_published_as_citizen
-- The same with what the citizen saved and did not send (R98). A statement of its own: the others
-- would pay for opening the tables. $1 plan, $2 audience, $3 sections
select d.number, d.published_at, d.acknowledgement, d.visible, d.plan_id, document_json(d, $3) as document,
    c.body, (
        select x.body from education_step_draft x join education_step s using (education_step_id)
        where s.plan_id = d.plan_id and s.status in ('OPEN', 'REOPENED')) as draft
from plan_document d
join citizen_document c on c.citizen_id = d.citizen_id and c.audience = d.audience
where d.plan_id = $1 and d.audience = $2;

-- name: read_version
-- An earlier version as its audience saw it. Scope was checked by the read of the newest.
-- $1 plan, $2 audience, $3 number
select v.number, v.published_at, v.visible, v.plan_id, version_json(v.plan_id, v.audience, v.number) as document,
    (select convert_to(json_build_object('version', a.number, 'method', a.method, 'at', a.acknowledged_at,
        'by', coalesce(w.name, z.full_name), 'note', a.note)::text, 'UTF8')
        from acknowledgement a
        join plan p on p.plan_id = a.plan_id
        join citizen z on z.citizen_id = p.citizen_id
        left join caseworker w on w.caseworker_id = a.caseworker_id
        where a.plan_id = v.plan_id and v.audience = 'FULL' and a.number = v.number
        order by a.acknowledged_at limit 1) as acknowledgement,
    c.body, null::jsonb as draft
from plan_version v
join plan p on p.plan_id = v.plan_id
join citizen_document c on c.citizen_id = p.citizen_id and c.audience = v.audience
where v.plan_id = $1 and v.audience = $2 and v.number = $3;

-- name: list_versions
-- Newest first. $1 plan, $2 audience, $3 below this number (null: from the newest), $4 rows
select number, published_at, published_by, organisation, trigger, plan_type, target_group, changed_elements
from plan_version
where plan_id = $1 and audience = $2 and ($3::integer is null or number < $3)
order by number desc
limit $4;

-- name: changes_since
-- What happened after a version, oldest first. $1 plan, $2 audience, $3 number, $4 rows
select number, published_at, published_by, organisation, trigger, changed_elements
from plan_version
where plan_id = $1 and audience = $2 and number > $3
order by number
limit $4;

-- name: find_citizen_by_cpr
-- $1 keyed hash of the CPR number
select citizen_id from citizen where cpr_index = $1;

-- name: live_newest
-- The newest of everything that live views wait for, as their readers may see it. $1 citizens
select citizen_id, audience as kind, plan_id, number, null::uuid as notice_id
from plan_document where citizen_id = any ($1::uuid[]) and active and visible
union all
select c.citizen_id, 'NOTICE', null, null, n.notice_id
from unnest($1::uuid[]) as c (citizen_id), lateral (
    select notice_id from notice where citizen_id = c.citizen_id order by notice_id desc limit 1) n;

-- name: live_out_of_reach
-- Whose live views have lost their right, whether by a fact or by the day (R152).
-- $1 citizens, $2 kinds and $3 codes of the organisations that view them, $4 today
select distinct w.citizen_id, case w.kind when 'UNEMPLOYMENT_FUND' then 'FUND' else 'FULL' end as audience
from unnest($1::uuid[], $2::text[], $3::text[]) as w (citizen_id, kind, code)
where not exists (
    select from organisation o where o.kind = w.kind and o.code = w.code and reaches(o, w.citizen_id, $4));

-- name: watch_plan_as_citizen
-- `read_plan_as_citizen` for live views, with what the newest version changed. $1 citizen,
-- $2 the viewer's own id, $3 sections
select d.number, d.published_at, d.acknowledgement, d.visible, d.plan_id, c.body, document_json(d, $3) as document,
    (select x.body from education_step_draft x join education_step s using (education_step_id)
        where s.plan_id = d.plan_id and s.status in ('OPEN', 'REOPENED')) as draft,
    v.trigger, v.changed_elements
from citizen_document c
left join plan_document d on d.citizen_id = c.citizen_id and d.audience = 'FULL' and d.active
left join plan_version v on v.plan_id = d.plan_id and v.audience = 'FULL' and v.number = d.number
where c.citizen_id = $1 and c.citizen_id = $2 and c.audience = 'FULL';

-- name: watch_plan_as_jobcenter
-- The same of `read_plan_as_jobcenter`, for all live views of a municipality: one row of the access log
-- for each professional. $1 citizen, $2 municipality, $3 now, $4 subjects, $5 names, $6 operations (one each),
-- $7 elements, $8 sections
with scope as (
    select citizen_id from citizen where citizen_id = $1 and municipality_code = $2
), log as (
    insert into access_log (at, subject, name, role, organisation_code, citizen_id, operation, elements, written)
    select $3, w.subject, w.name, 'jobcenter', $2, citizen_id, w.operation, $7::text[], false
    from scope, unnest($4::text[], $5::text[], $6::text[]) as w (subject, name, operation)
)
select d.number, d.published_at, d.acknowledgement, d.visible, d.plan_id, c.body, document_json(d, $8) as document,
    null::jsonb as draft, v.trigger, v.changed_elements
from scope
join citizen_document c on c.citizen_id = scope.citizen_id and c.audience = 'FULL'
left join plan_document d on d.citizen_id = c.citizen_id and d.audience = 'FULL' and d.active
left join plan_version v on v.plan_id = d.plan_id and v.audience = 'FULL' and v.number = d.number;

-- name: watch_plan_as_fund
-- The same of `read_plan_as_fund`. $1 citizen, $2 fund code, $3 now, $4 subjects, $5 names,
-- $6 operations (one each), $7 elements, $8 today, $9 sections
with scope as (
    select m.citizen_id from membership m join organisation o on o.organisation_id = m.fund_id
    where m.citizen_id = $1 and o.kind = 'UNEMPLOYMENT_FUND' and o.code = $2
      and m.valid_from <= $8 and (m.valid_to is null or m.valid_to > $8)
), log as (
    insert into access_log (at, subject, name, role, organisation_code, citizen_id, operation, elements, written)
    select $3, w.subject, w.name, 'fund', $2, citizen_id, w.operation, $7::text[], false
    from scope, unnest($4::text[], $5::text[], $6::text[]) as w (subject, name, operation)
)
select d.number, d.published_at, d.acknowledgement, d.visible, d.plan_id, c.body, document_json(d, $9) as document,
    null::jsonb as draft, v.trigger, v.changed_elements
from scope
join citizen_document c on c.citizen_id = scope.citizen_id and c.audience = 'FUND'
left join plan_document d on d.citizen_id = c.citizen_id and d.audience = 'FUND' and d.active
left join plan_version v on v.plan_id = d.plan_id and v.audience = 'FUND' and v.number = d.number;

-- name: changed_since
-- What a live view missed, gathered, where that is more than the newest version. $1 plan, $2 audience, $3 number it saw last, $4 number it sees now
select array_agg(distinct e) filter (where e is not null) as changed_elements,
    (array_agg(v.trigger order by v.number desc))[1] as trigger
from plan_version v left join lateral unnest(v.changed_elements) e on true
where v.plan_id = $1 and v.audience = $2 and v.number > $3 and v.number <= $4;

-- name: offices_of
-- The organisations whose caseload each citizen is in; of funds also those that no longer or not yet
-- have the citizen, because the day decides: whoever listens looks with the own right. $1 citizens
select c.citizen_id, 'JOBCENTER' as kind, c.municipality_code as code from citizen c
where c.citizen_id = any ($1)
union
select m.citizen_id, o.kind, o.code from membership m join organisation o on o.organisation_id = m.fund_id
where m.citizen_id = any ($1);

-- name: citizens_in_reach
-- Those of the citizens that exist, and whether an organisation reaches each today.
-- $1 kind, $2 code, $3 today, $4 citizens
select c.citizen_id, reaches(o, c.citizen_id, $3) as reached
from organisation o join citizen c on c.citizen_id = any ($4::uuid[])
where o.kind = $1 and o.code = $2;

-- name: read_caseload_as_jobcenter
-- A page of the municipality's citizens with their documents; each one read is logged (R149).
-- $1 municipality, $2 now, $3 subject, $4 name, $5 operation, $6 elements, $7 sections,
-- $8 target group, $9 plan type, $10 name pattern in lower case, $11 a step's deadline before,
-- $12 only what is not acknowledged, $13 and $14 name and id after which the page begins, $15 rows, $16 today,
-- $17 days after which a first plan is overdue: only those without one (R27).
-- Null filters let everybody through. Answers one row more when there is a next page.
with page as materialized (
    select c.citizen_id, c.full_name, row_number() over (order by c.full_name, c.citizen_id) as place
    from citizen c
    left join plan_document d on d.citizen_id = c.citizen_id and d.audience = 'FULL' and d.active
    where c.municipality_code = $1 and (c.full_name, c.citizen_id) > ($13, $14)
      and ($8::text is null or exists (select from target_group_period t
            where t.citizen_id = c.citizen_id and t.valid_to is null and t.target_group = $8))
      and ($9::text is null or exists (select from plan p where p.plan_id = d.plan_id and p.plan_type = $9))
      and ($10::text is null or lower(c.full_name) like $10)
      and ($11::date is null or exists (select from education_step s
            where s.plan_id = d.plan_id and s.status in ('OPEN', 'REOPENED') and s.deadline < $11
              and has_element(c.citizen_id, 'EDUCATION_STEP')))
      and (not $12 or (d.plan_id is not null and d.acknowledgement is null
          -- nobody is asked to acknowledge a closed plan
          and exists (select from plan p where p.plan_id = d.plan_id and p.status = 'ACTIVE')))
      and ($17::integer is null or first_plan_is_overdue(c.citizen_id, 'FULL', $16, $17))
    order by c.full_name, c.citizen_id
    limit $15 + 1
), log as (
    insert into access_log (at, subject, name, role, organisation_code, citizen_id, operation, elements, written)
    select $2, $3, $4, 'jobcenter', $1, citizen_id, $5, $6::text[], false from page where place <= $15
)
select page.citizen_id, page.full_name, d.number, d.published_at, d.acknowledgement, d.visible, d.plan_id,
    c.body, document_json(d, $7) as document, null::jsonb as draft
from page
join citizen_document c on c.citizen_id = page.citizen_id and c.audience = 'FULL'
left join plan_document d on d.citizen_id = page.citizen_id and d.audience = 'FULL' and d.active
order by page.place;

-- name: read_caseload_as_fund
-- The same for a fund's members of today. Filters see what the fund's own document says and
-- nothing else, so that no page tells of a hidden plan (R88). $1 fund code, $2 to $17 as above
with page as materialized (
    select c.citizen_id, c.full_name, row_number() over (order by c.full_name, c.citizen_id) as place
    from organisation o
    join membership m on m.fund_id = o.organisation_id
    join citizen c on c.citizen_id = m.citizen_id
    left join plan_document d on d.citizen_id = c.citizen_id and d.audience = 'FUND' and d.active and d.visible
    where o.kind = 'UNEMPLOYMENT_FUND' and o.code = $1
      and m.valid_from <= $16 and (m.valid_to is null or m.valid_to > $16)
      and (c.full_name, c.citizen_id) > ($13, $14)
      and ($8::text is null or exists (select from target_group_period t join plan_type y on y.code = t.plan_type
            where t.citizen_id = c.citizen_id and t.valid_to is null and t.target_group = $8 and y.visible_to_fund))
      and ($9::text is null or exists (select from plan p where p.plan_id = d.plan_id and p.plan_type = $9))
      and ($10::text is null or lower(c.full_name) like $10)
      and ($11::date is null or exists (select from education_step s
            where s.plan_id = d.plan_id and s.status in ('OPEN', 'REOPENED') and s.deadline < $11
              and has_element(c.citizen_id, 'EDUCATION_STEP')))
      and (not $12 or (d.plan_id is not null and d.acknowledgement is null
          -- nobody is asked to acknowledge a closed plan
          and exists (select from plan p where p.plan_id = d.plan_id and p.status = 'ACTIVE')))
      and ($17::integer is null or first_plan_is_overdue(c.citizen_id, 'FUND', $16, $17))
    order by c.full_name, c.citizen_id
    limit $15 + 1
), log as (
    insert into access_log (at, subject, name, role, organisation_code, citizen_id, operation, elements, written)
    select $2, $3, $4, 'fund', $1, citizen_id, $5, $6::text[], false from page where place <= $15
)
select page.citizen_id, page.full_name, d.number, d.published_at, d.acknowledgement, d.visible, d.plan_id,
    c.body, document_json(d, $7) as document, null::jsonb as draft
from page
join citizen_document c on c.citizen_id = page.citizen_id and c.audience = 'FUND'
left join plan_document d on d.citizen_id = page.citizen_id and d.audience = 'FUND' and d.active
order by page.place;

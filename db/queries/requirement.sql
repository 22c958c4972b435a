-- name: previous_requirement_from
-- First day of the issuer's newest requirement that has begun, null without one; one replaced on
-- its own first day does not count. Those of another issuer ended with the target group, and a
-- fund is not to learn of them. $1 plan, $2 issuer, $3 today
select max(valid_from) from job_search_requirement
where plan_id = $1 and issuer = $2 and valid_from <= $3 and (valid_to is null or valid_to >= valid_from);

-- name: overlapping_requirements
-- The issuer's own whose period touches the new one.
-- $1 plan, $2 issuer, $3 first day, $4 last day (null: open)
select requirement_id, valid_from, valid_to from job_search_requirement
where plan_id = $1 and issuer = $2 and daterange(valid_from, valid_to + 1) && daterange($3, $4::date + 1);

-- name: end_requirement
-- $1 requirement, $2 last day
update job_search_requirement set valid_to = $2 where requirement_id = $1;

-- name: issue_requirement
-- $1 plan, $2 issuer, $3 organisation, $4 caseworker, $5 industries, $6 agreement text,
-- $7 other expectations, $8 expected count, $9 full time, $10 unsolicited, $11 first day,
-- $12 last day, $13 occupation codes, $14 municipality codes and $15 labels of the areas
with issued as (
    insert into job_search_requirement (plan_id, issuer, organisation_id, caseworker_id, industries,
        agreement_text, other_expectations, expected_count, full_time, unsolicited, valid_from, valid_to)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
    returning requirement_id
), occupations as (
    insert into requirement_occupation (requirement_id, position, occupation_code)
    select i.requirement_id, o.position, o.code
    from issued i cross join unnest($13::text[]) with ordinality o (code, position)
), areas as (
    insert into requirement_area (requirement_id, position, municipality_code, label)
    select i.requirement_id, a.position, a.code, coalesce(a.label, m.name)
    from issued i
    cross join unnest($14::text[], $15::text[]) with ordinality a (code, label, position)
    left join municipality m on m.code = a.code
)
select requirement_id from issued;

-- name: lock_citizen
-- The first statement of everything that changes a citizen's case: one writer at a time. Answers
-- nothing when the citizen does not exist or is out of the viewer's reach (R150-R152).
-- $1 citizen, $2 role, $3 the viewer's organisation code, $4 the viewer's citizen id, $5 today
select c.citizen_id
from citizen c
where c.citizen_id = $1
  and case $2
    when 'citizen' then c.citizen_id = $4
    when 'jobcenter' then c.municipality_code = $3
    when 'fund' then exists (
        select from membership m join organisation o on o.organisation_id = m.fund_id
        where m.citizen_id = c.citizen_id and o.code = $3
          and m.valid_from <= $5 and (m.valid_to is null or m.valid_to > $5))
    when 'system' then true
    else false end
for no key update of c;

-- name: lock_in_order
-- $1 citizens; what an operation that ran into a deadlock takes first when it runs again
select citizen_id from citizen where citizen_id = any ($1) order by citizen_id for no key update;

-- name: read_case
-- The facts an action decides on. $1 citizen, $2 today
select c.citizen_id, p.plan_id, coalesce(p.plan_type, t.plan_type) as plan_type,
    y.visible_to_fund as plan_type_visible_to_fund, c.municipality_code, u.region, c.birth_date,
    c.right_and_duty, c.registration_open, c.has_vocational_education, c.has_dependent_children,
    g as target_group,
    array(select x.plan_type from target_group_plan_type x
        where x.target_group = g.code order by x.position) as plan_types,
    array(select x.element from composition_element x
        where x.composition = g.composition order by x.position) as elements,
    array(select x.only_if_any from composition_element x
        where x.composition = g.composition order by x.position) as only_if_any,
    m.fund_id, m.fund_code, r.authority, r.organisation_code, r.basis,
    r.valid_from, r.valid_to, o.current_step,
    coalesce(d.number, 0) as full_version, coalesce(f.number, 0) as fund_version,
    exists (select from job_goal j where j.plan_id = p.plan_id) as has_job_goal,
    exists (select from job_goal j where j.plan_id = p.plan_id and j.occupation_code is null) as has_free_text_goal,
    exists (select from education_goal e where e.plan_id = p.plan_id) as has_education_goal,
    (select count(*) from sought_job s where s.citizen_id = c.citizen_id) as sought_jobs
from citizen c
join municipality u on u.code = c.municipality_code
join target_group_period t on t.citizen_id = c.citizen_id and t.valid_to is null
join target_group g on g.code = t.target_group
left join plan p on p.citizen_id = c.citizen_id and p.status = 'ACTIVE'
join plan_type y on y.code = coalesce(p.plan_type, t.plan_type)
left join education_order o on o.plan_id = p.plan_id
left join plan_document d on d.plan_id = p.plan_id and d.audience = 'FULL'
left join plan_document f on f.plan_id = p.plan_id and f.audience = 'FUND'
left join lateral (
    select x.fund_id, g.code as fund_code
    from membership x join organisation g on g.organisation_id = x.fund_id
    where x.citizen_id = c.citizen_id and x.valid_from <= $2 and (x.valid_to is null or x.valid_to > $2)
) m on true
left join lateral (
    select q.authority, g.code as organisation_code, q.basis, q.valid_from, q.valid_to
    from case_responsibility q join organisation g on g.organisation_id = q.organisation_id
    where q.citizen_id = c.citizen_id and q.valid_from <= $2 and (q.valid_to is null or q.valid_to > $2)
) r on true
where c.citizen_id = $1;

-- name: open_plan
-- The citizen's plan begins with the first thing written in it. $1 citizen, $2 now
insert into plan (citizen_id, plan_type, created_at)
select t.citizen_id, t.plan_type, $2 from target_group_period t
where t.citizen_id = $1 and t.valid_to is null
returning plan_id;

-- name: target_groups
-- Groups with their plan types and composition, for rules and code lists. $1 one code, or null for all
select g as target_group,
    array(select x.plan_type from target_group_plan_type x
        where x.target_group = g.code order by x.position) as plan_types,
    array(select x.element from composition_element x
        where x.composition = g.composition order by x.position) as elements,
    array(select x.only_if_any from composition_element x
        where x.composition = g.composition order by x.position) as only_if_any
from target_group g
where $1::text is null or g.code = $1
order by g.code;

-- name: plan_types_in_force
-- The plan types of a group that there are on a day, the default first. $1 group, $2 day
select x.plan_type from target_group_plan_type x join plan_type y on y.code = x.plan_type
where x.target_group = $1 and y.valid_from <= $2 and (y.valid_to is null or y.valid_to >= $2)
order by x.position;

-- name: find_caseworker
-- Made at the first thing a caseworker writes. The name stays: published documents carry it, and
-- another token's name must not make them stale. Nothing for a newcomer without a name.
-- $1 organisation kind, $2 organisation code, $3 subject, $4 name
with found as (
    select w.caseworker_id from caseworker w join organisation o using (organisation_id)
    where o.kind = $1 and o.code = $2 and w.subject = $3
), made as (
    insert into caseworker as w (organisation_id, subject, name)
    select o.organisation_id, $3, btrim($4::text) from organisation o
    where o.kind = $1 and o.code = $2 and $4::text ~ '\S' and not exists (select from found)
    -- of two that make it at once the second waits, and is answered the first one's row
    on conflict (organisation_id, subject) do update set name = w.name
    returning w.caseworker_id
)
select caseworker_id from made union all select caseworker_id from found;

-- name: find_organisation
-- $1 kind, $2 code
select organisation_id, name from organisation where kind = $1 and code = $2;

-- name: count_goals
-- What a plan holds at the end of an operation. $1 plan, $2 citizen
select p.plan_type,
    (select count(*) from job_goal where plan_id = $1) as job_goals,
    (select count(*) from job_goal where plan_id = $1 and occupation_code is null) as free_text_goals,
    (select count(*) from education_goal where plan_id = $1) as education_goals,
    (select current_step from education_order where plan_id = $1) as step,
    (select count(*) from sought_job where citizen_id = $2) as sought_jobs
from plan p where p.plan_id = $1;

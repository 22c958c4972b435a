-- name: live_numbers
-- The newest of everything that live views wait for. $1 citizens
select p.citizen_id, d.audience as what, sum(d.number) as number
from plan p join plan_document d using (plan_id)
where p.citizen_id = any ($1)
group by p.citizen_id, d.audience
union all
select citizen_id, 'NOTICE', count(*) from notice where citizen_id = any ($1) group by citizen_id;

-- name: changed_since
-- What a live view missed, gathered. $1 citizen, $2 audience, $3 number it saw last
select array_agg(distinct e) as changed_elements,
    (array_agg(v.trigger order by v.number desc))[1] as trigger
from plan_version v
join plan_document d on d.plan_id = v.plan_id and d.audience = v.audience and d.active
cross join lateral unnest(v.changed_elements) e
where d.citizen_id = $1 and v.audience = $2 and v.number > $3;

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

-- name: live_numbers
-- The newest of everything that live views wait for. $1 citizens
select citizen_id, audience as what, number::bigint as number from plan_document
where citizen_id = any ($1) and active
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

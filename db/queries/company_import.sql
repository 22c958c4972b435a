-- name: find_company_import
-- What a system sent under an id of its own. $1 system, $2 external id
select company_import_id, citizen_id, digest, held is not null as is_held
from company_import where system = $1 and external_id = $2;

-- name: imported_intervention
-- $1 system, $2 external id
select intervention_id, plan_id, cancelled_at from intervention
where origin = 'VITAS' and system = $1 and external_id = $2;

-- name: store_company_import
-- Nothing when the id is another citizen's. $1 citizen, $2 system, $3 external id, $4 digest of the
-- facts, $5 now, $6 the facts if they are held back, else null
insert into company_import as c (citizen_id, system, external_id, digest, received_at, held)
values ($1, $2, $3, $4, $5, $6)
on conflict (system, external_id) do update
set (digest, received_at, held) = (excluded.digest, excluded.received_at, excluded.held)
where c.citizen_id = excluded.citizen_id
returning company_import_id;

-- name: held_import
-- $1 import, $2 citizen
select system, external_id, held ->> 'kind' as kind, (held ->> 'start_date')::date as start_date,
    held ->> 'occupation_code' as occupation_code
from company_import
where company_import_id = $1 and citizen_id = $2 and held is not null;

-- name: release_import
-- Its facts stand in the plan, as a caseworker wrote them. $1 import
update company_import set held = null where company_import_id = $1;

-- name: drop_held_import
-- $1 system, $2 external id, $3 citizen
update company_import set held = null
where system = $1 and external_id = $2 and citizen_id = $3 and held is not null
returning company_import_id;

-- name: drop_held_imports
-- What is still held as the plan is closed: what never came into it is forgotten, so that it may be
-- sent anew; of what changes an intervention in it, the digest stays. $1 citizen
with known as (
    select c.company_import_id, exists (
        select from intervention i
        where i.origin = 'VITAS' and i.system = c.system and i.external_id = c.external_id) as in_plan
    from company_import c where c.citizen_id = $1 and c.held is not null
), forgotten as (
    delete from company_import c using known k
    where c.company_import_id = k.company_import_id and not k.in_plan
)
update company_import c set held = null from known k
where c.company_import_id = k.company_import_id and k.in_plan;

-- name: list_held_imports
-- What waits to be shortened, oldest first, with the intervention it changes if there is one.
-- $1 citizen
select c.company_import_id as id, c.external_id, c.received_at, c.held, i.intervention_id
from company_import c
left join intervention i on i.origin = 'VITAS' and i.system = c.system and i.external_id = c.external_id
where c.citizen_id = $1 and c.held is not null
order by c.company_import_id;

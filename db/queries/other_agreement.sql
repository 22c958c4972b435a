-- name: find_other_agreement
-- An event by the system that sent it and the system's own id. $1 system, $2 external id
select other_agreement_id, plan_id, external_id, organiser, title, kind, starts_at, ends_at, place,
    description, cancelled
from other_agreement where system = $1 and external_id = $2;

-- name: store_other_agreement
-- $1 plan, $2 system, $3 external id, $4 organiser, $5 title, $6 kind, $7 starts at, $8 ends at,
-- $9 place, $10 description, $11 cancelled
insert into other_agreement (plan_id, system, external_id, organiser, title, kind, starts_at, ends_at,
    place, description, cancelled)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
on conflict (system, external_id) do update
set (organiser, title, kind, starts_at, ends_at, place, description, cancelled) =
    (excluded.organiser, excluded.title, excluded.kind, excluded.starts_at, excluded.ends_at,
    excluded.place, excluded.description, excluded.cancelled)
where other_agreement.plan_id = excluded.plan_id
returning other_agreement_id;

-- name: find_meeting
-- A meeting by the system that booked it and the system's own id. $1 system, $2 external id
select m.meeting_id, m.plan_id, m.organisation_id, m.external_id, m.authority, m.source, m.status,
    m.starts_at, m.ends_at, m.mode, m.caseworker_name, m.place, m.address, m.map_url,
    m.caseworker_role, m.description
from meeting m where m.system = $1 and m.external_id = $2;

-- name: store_meeting
-- $1 plan, $2 system, $3 external id, $4 authority, $5 organisation, $6 source, $7 status,
-- $8 starts at, $9 ends at, $10 mode, $11 caseworker, $12 place, $13 address, $14 map,
-- $15 caseworker's role, $16 description
insert into meeting (plan_id, system, external_id, authority, organisation_id, source, status,
    starts_at, ends_at, mode, caseworker_name, place, address, map_url, caseworker_role, description)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
on conflict (system, external_id) do update
set (authority, organisation_id, source, status, starts_at, ends_at, mode, caseworker_name, place,
    address, map_url, caseworker_role, description) =
    (excluded.authority, excluded.organisation_id, excluded.source, excluded.status,
    excluded.starts_at, excluded.ends_at, excluded.mode, excluded.caseworker_name, excluded.place,
    excluded.address, excluded.map_url, excluded.caseworker_role, excluded.description)
where meeting.plan_id = excluded.plan_id
returning meeting_id;

-- name: find_office
-- $1 authority, $2 code
select organisation_id from organisation where kind = $1 and code = $2;

-- name: responsibilities
-- All periods of a citizen, oldest first. $1 citizen
select q.authority, o.code as organisation, q.basis, q.valid_from, q.valid_to, q.derived,
    q.counted_hours, q.expected_transition_date
from case_responsibility q join organisation o using (organisation_id)
where q.citizen_id = $1
order by q.valid_from;

-- name: contact_course_start
-- First day of the contact course. $1 citizen
select coalesce(c.contact_course_start, t.valid_from)
from citizen c join target_group_period t on t.citizen_id = c.citizen_id and t.valid_to is null
where c.citizen_id = $1;

-- name: start_contact_course
-- $1 citizen, $2 first day
update citizen set contact_course_start = $2 where citizen_id = $1;

-- name: drop_responsibilities
-- $1 citizen, $2 first days of the periods that stay
delete from case_responsibility where citizen_id = $1 and valid_from <> all ($2::date[]);

-- name: store_responsibility
-- A period is known by its first day: it keeps its id. $1 citizen, $2 authority, $3 organisation
-- code, $4 basis, $5 from, $6 to, $7 derived, $8 counted hours, $9 expected transition date
with office as (
    select organisation_id from organisation where kind = $2 and code = $3
), kept as (
    update case_responsibility
    set (authority, organisation_id, basis, valid_to, derived, counted_hours, expected_transition_date)
        = row($2, (select organisation_id from office), $4, $6::date, $7::boolean, $8::numeric, $9::date)
    where citizen_id = $1 and valid_from = $5
    returning 1
)
insert into case_responsibility (citizen_id, authority, organisation_id, basis, valid_from, valid_to,
    derived, counted_hours, expected_transition_date)
select $1, $2, organisation_id, $4, $5, $6, $7, $8, $9 from office
where not exists (select from kept);

-- name: unknown_offices
-- Which of the offices do not exist, by their place in the lists. $1 kinds, $2 codes
select (wanted.position - 1)::integer as position
from unnest($1::text[], $2::text[]) with ordinality as wanted (kind, code, position)
left join organisation o on o.kind = wanted.kind and o.code = wanted.code
where o.organisation_id is null
order by wanted.position;

-- name: move_tasks
-- What the old municipality's jobcenter had to do is the new one's (R29, R151).
-- $1 citizen, $2 old municipality, $3 new municipality
update inbox_item i set organisation_id = n.organisation_id
from organisation o, organisation n
where i.citizen_id = $1 and i.done_at is null and i.organisation_id = o.organisation_id
  and o.kind = 'JOBCENTER' and o.code = $2 and n.kind = 'JOBCENTER' and n.code = $3
  and not exists (
      select from inbox_item x
      where x.organisation_id = n.organisation_id and x.citizen_id = $1 and x.kind = i.kind
        and x.done_at is null and x.subject_id is null and i.subject_id is null);

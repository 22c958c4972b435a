-- name: list_access
-- Who read the citizen's plan, newest first. $1 citizen, $2 below this row (null: from the newest), $3 rows
select a.access_log_id as id, a.at, a.role, coalesce(o.name, a.organisation_code) as organisation
from access_log a
left join organisation o on o.code = a.organisation_code
    and o.kind = case a.role when 'jobcenter' then 'JOBCENTER' when 'fund' then 'UNEMPLOYMENT_FUND'
        when 'institution' then 'EDUCATION_INSTITUTION' else 'SYSTEM' end
where a.citizen_id = $1 and not a.written and ($2::bigint is null or a.access_log_id < $2)
order by a.access_log_id desc
limit $3;

-- name: log_access
-- What staff or a system wrote in an operation, and whose plan its answer showed without that
-- anything was written: a row for each citizen. $1 now, $2 subject, $3 name, $4 role,
-- $5 organisation, $6 operation, $7 citizens, and for each $8 the sections joined by commas and
-- $9 whether it was written
insert into access_log (at, subject, name, role, organisation_code, citizen_id, operation, elements, written)
select $1, $2, $3, $4, $5, x.citizen_id, $6, string_to_array(x.sections, ','), x.written
from unnest($7::uuid[], $8::text[], $9::boolean[]) x (citizen_id, sections, written);

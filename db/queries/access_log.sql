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

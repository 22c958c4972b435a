-- name: unknown_occupations
-- Those of the codes that no occupation has. $1 codes
select given.code from unnest($1::text[]) given (code)
where not exists (select from occupation o where o.code = given.code);

-- name: unknown_municipalities
-- Those of the codes that no municipality has. $1 codes
select given.code from unnest($1::text[]) given (code)
where not exists (select from municipality m where m.code = given.code);

-- name: shortage_of_occupations
-- Whether the citizen's region lacks people in each occupation (R49). $1 citizen, $2 codes, $3 today
select given.code, coalesce(shortage_status($1, given.code, $3), 'UNKNOWN') as status
from unnest($2::text[]) given (code);

-- name: code_list_is_loaded
-- Whether a bundled list was last loaded from this very file. $1 name, $2 hash of the file
select exists (select from code_list_load where name = $1 and hash = $2);

-- name: code_list_was_loaded
-- $1 name, $2 hash of the file, $3 now
insert into code_list_load as l (name, hash, loaded_at) values ($1, $2, $3)
on conflict (name) do update set (hash, loaded_at) = row(excluded.hash, excluded.loaded_at);

-- name: list_target_groups
-- All groups, also those that are over: history may name them.
select target_group_json(g)::text as body from target_group g order by g.code;

-- name: list_intervention_kinds
-- The kinds, and for EDUCATION its schemes.
select json_build_object('code', k.code, 'name', k.name, 'timeline_label', k.timeline_label,
    'type_name', k.type_name, 'hidden_from_unemployment_fund', k.hidden_from_fund,
    'unemployment_fund_may_create', k.fund_may_create, 'vitas_import', k.vitas_import,
    'valid_from', k.valid_from, 'valid_to', k.valid_to,
    'schemes', case when k.code = 'EDUCATION' then (
        select json_agg(json_build_object('code', s.code, 'name', s.name,
            'timeline_label', s.timeline_label) order by s.code)
        from education_scheme s) else '[]' end)::text as body
from intervention_kind k
order by k.code;

-- name: list_municipalities
-- $1 the beginning of a name or code, null for all
select code, name, region from municipality
where $1::text is null or starts_with(lower(name), lower($1)) or starts_with(code, $1)
order by name;

-- name: search_occupations
-- Best first: labels that begin with the text, then other names that do, then what looks like it
-- (trigrams), shorter labels first. $1 text, lower case, $2 today, $3 rows
with found as (
    (select code, 1 as rank, 0::real as distance from occupation
        where lower(label) like replace(replace(replace($1, '\', '\\'), '%', '\%'), '_', '\_') || '%')
    union all
    (select code, 2, 0 from occupation_alias
        where lower(alias) like replace(replace(replace($1, '\', '\\'), '%', '\%'), '_', '\_') || '%')
    union all
    (select code, 3, 1 - word_similarity($1, lower(label)) from occupation
        where $1 <% lower(label))
    union all
    (select code, 4, 1 - word_similarity($1, lower(alias)) from occupation_alias
        where $1 <% lower(alias))
), best as (
    select distinct on (code) code, rank, distance from found order by code, rank, distance
)
select o.code, o.label, o.scheme
from best b join occupation o using (code)
where o.valid_from <= $2 and (o.valid_to is null or o.valid_to >= $2)
order by b.rank, b.distance, length(o.label), o.label, o.code
limit $3;

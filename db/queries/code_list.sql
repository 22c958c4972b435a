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

-- name: policy
-- The value of a dated policy: the target group's own before that of all; null where none holds.
-- $1 name, $2 target group, $3 today
select value from policy
where name = $1 and (target_group = $2 or target_group is null)
  and valid_from <= $3 and (valid_to is null or valid_to >= $3)
order by target_group nulls last, valid_from desc
limit 1;

-- name: hold_plans
-- Until the end of the transaction nobody begins to write in a case, and all who had begun are done.
lock table citizen in exclusive mode;

-- name: refresh_groups
-- Citizens in target groups. $1 groups
select refresh_citizens(array(
    select citizen_id from target_group_period where valid_to is null and target_group = any ($1)));

-- name: refresh_plans_of_groups
-- $1 groups
select refresh_plans(array(
    select p.plan_id from plan p join target_group_period t on t.citizen_id = p.citizen_id
    where p.status = 'ACTIVE' and t.valid_to is null and t.target_group = any ($1)));

-- name: refresh_compositions
-- Plans and citizens of groups with a composition. $1 compositions
with found as materialized (
    select t.citizen_id
    from target_group_period t join target_group g on g.code = t.target_group
    where t.valid_to is null and g.composition = any ($1)
)
select refresh_citizens(array(select citizen_id from found)),
    refresh_plans(array(select plan_id from plan join found using (citizen_id) where status = 'ACTIVE'));

-- name: refresh_kinds
-- $1 kinds of interventions
select refresh_plans(array(
    select distinct plan_id from intervention where kind = any ($1)), '{interventions}');

-- name: refresh_schemes
-- $1 schemes of education
select refresh_plans(array(
    select distinct plan_id from intervention where scheme = any ($1)), '{interventions}');

-- name: refresh_plan_types
-- All plans: what is visible in them rests on the types that all their parts were written under. $1 plan types
select refresh_plans(array(select plan_id from plan where status = 'ACTIVE')),
    refresh_citizens(array(select citizen_id from citizen))
where exists (select from plan_type where code = any ($1));

-- name: refresh_organisations
-- What names an organisation. $1 kind and code of each, with a space between
with found as materialized (
    select organisation_id as id from organisation where kind || ' ' || code = any ($1)
), staff as materialized (
    select caseworker_id from caseworker where organisation_id in (select id from found)
)
select
    refresh_plans(
        array(select plan_id from conversation where organisation_id in (select id from found)),
        '{latest_agreement_jobcenter,latest_agreement_unemployment_fund,agreements}'),
    refresh_plans(
        array(select plan_id from job_search_requirement where organisation_id in (select id from found)),
        '{requirements}'),
    refresh_plans(
        array(select plan_id from meeting where organisation_id in (select id from found)), '{meetings}'),
    refresh_plans(
        array(select plan_id from handover_package where institution_id in (select id from found)),
        '{education}'),
    refresh_plans(
        array(
            select plan_id from intervention
            where agreed_organisation_id in (select id from found)
               or agreed_with in (select caseworker_id from staff)
            union select plan_id from joint_recommendation
            where created_by in (select caseworker_id from staff)),
        '{interventions}'),
    refresh_citizens(array(
        select citizen_id from membership where fund_id in (select id from found)
        union select citizen_id from case_responsibility where organisation_id in (select id from found)));

-- name: refresh_occupations
-- What names an occupation. $1 occupations
with goals as materialized (
    select job_goal_id, plan_id from job_goal where occupation_code = any ($1)
)
select
    refresh_plans(array(select plan_id from goals), '{job_goals}'),
    refresh_plans(
        array(select i.plan_id from goals g join goal_link l using (job_goal_id)
            join intervention i using (intervention_id)),
        '{interventions}'),
    refresh_plans(
        array(select r.plan_id from requirement_occupation q
            join job_search_requirement r using (requirement_id) where q.occupation_code = any ($1)),
        '{requirements}'),
    refresh_citizens(array(select citizen_id from sought_job where occupation_code = any ($1)));

-- name: composition_codes
select code from composition;

-- name: plan_type_codes
select code from plan_type;

-- name: composition_elements
-- $1 compositions
select composition, position, element, only_if_any from composition_element where composition = any ($1);

-- name: drop_composition_elements
-- $1 compositions
delete from composition_element where composition = any ($1);

-- name: compositions_in_use
-- Of those in $1, the ones by which citizens' plans are made.
select distinct g.composition
from target_group_period t join target_group g on g.code = t.target_group
where t.valid_to is null and g.composition = any ($1);

-- name: target_groups_in_use
-- Groups that citizens are in, with the plan types that those have.
select t.target_group as code, array_agg(distinct coalesce(p.plan_type, t.plan_type)) as plan_types
from target_group_period t
left join plan p on p.citizen_id = t.citizen_id and p.status = 'ACTIVE'
where t.valid_to is null
group by t.target_group;

-- name: drop_target_group_plan_types
-- Those that the group has no more. $1 group, $2 its plan types
delete from target_group_plan_type where target_group = $1 and plan_type <> all ($2) returning plan_type;

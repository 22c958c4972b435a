-- name: load_newest_citizen
-- The newest citizen that a load made. $1 lowest and $2 highest id that loads use
select citizen_id from citizen where citizen_id between $1 and $2 order by citizen_id desc limit 1;

-- name: load_groups
-- What the code lists say of target groups, for plausible plans. $1 codes
select g.code, g.job_goal_rule, g.education_goal_rule, g.description_variant, g.fund_agreement,
    g.requirement_issuer, g.education_steps, g.contract,
    (select x.plan_type from target_group_plan_type x where x.target_group = g.code
        order by x.position limit 1) as plan_type
from target_group g
where g.code = any ($1::text[])
order by g.code;

-- name: load_organisations
-- Jobcenters and funds with their place. No parameters.
select o.organisation_id, o.kind, o.code, o.name, m.name as municipality
from organisation o
left join municipality m on o.kind = 'JOBCENTER' and m.code = o.code
where o.kind = 'UNEMPLOYMENT_FUND' or (o.kind = 'JOBCENTER' and m.valid_to is null)
order by o.kind, o.code;

-- name: load_caseworkers
-- The caseworkers of a load, the same in every load. $1 organisations, $2 subjects, $3 names, $4 titles
with wanted as (
    select * from unnest($1::uuid[], $2::text[], $3::text[], $4::text[]) w (organisation_id, subject, name, title)
), made as (
    insert into caseworker (organisation_id, subject, name, title)
    select organisation_id, subject, name, title from wanted
    on conflict (organisation_id, subject) do nothing
    returning caseworker_id, organisation_id, subject, name
)
select caseworker_id, organisation_id, subject, name from made
union all
select caseworker_id, organisation_id, subject, name
from caseworker join wanted using (organisation_id, subject, name)
order by organisation_id, subject;

-- name: load_documents
-- The first version of new plans, of both audiences. A set at a time, and by the same section
-- functions as `publish_plan`. The version counts as published by whom the citizen spoke to last.
-- $1 plans, $2 published at
with built as materialized (
    select (x.p).plan_id, (x.p).citizen_id, (x.p).plan_type, x.audience, x.sees,
        section_head(x.p, x.for_fund, x.sees) as head,
        section_job_goals(x.p, x.for_fund, x.sees) as job_goals,
        section_education_goals(x.p, x.for_fund, x.sees) as education_goals,
        section_description(x.p, x.for_fund, x.sees) as description,
        section_latest_agreement(x.p, x.for_fund, x.sees, 'JOBCENTER') as latest_agreement_jobcenter,
        section_latest_agreement(x.p, x.for_fund, x.sees, 'UNEMPLOYMENT_FUND')
            as latest_agreement_unemployment_fund,
        section_agreements(x.p, x.for_fund, x.sees) as agreements,
        section_requirements(x.p, x.for_fund, x.sees) as requirements,
        section_interventions(x.p, x.for_fund, x.sees) as interventions,
        section_meetings(x.p, x.for_fund, x.sees) as meetings,
        section_education(x.p, x.for_fund, x.sees) as education,
        section_contract(x.p, x.for_fund, x.sees) as contract,
        section_comments(x.p, x.for_fund, x.sees) as comments
    from (
        select p, a.audience, a.audience = 'FUND' as for_fund,
            a.audience = 'FULL' or t.visible_to_fund as sees
        from plan p
        join plan_type t on t.code = p.plan_type
        cross join (values ('FULL'), ('FUND')) a (audience)
        where p.plan_id = any ($1::uuid[])
    ) x
),
version as (
    insert into plan_version (plan_id, audience, number, published_at, published_by, organisation,
        trigger, plan_type, target_group, changed_elements, visible,
        head, job_goals, education_goals, description, latest_agreement_jobcenter,
        latest_agreement_unemployment_fund, agreements, requirements, interventions, meetings,
        education, contract, comments)
    select b.plan_id, b.audience, 1, $2, s.name, s.organisation, 'PLAN',
        case when b.sees then b.plan_type end,
        case when b.sees then t.target_group end,
        '{COMMENTS,CONTRACT,EDUCATION_GOALS,EDUCATION_STEP,JOB_GOALS,LATEST_AGREEMENT_JOBCENTER,'
        'LATEST_AGREEMENT_UNEMPLOYMENT_FUND,PLAN,PLAN_DESCRIPTION,TIMELINE}',
        b.sees, b.head, b.job_goals, b.education_goals, b.description, b.latest_agreement_jobcenter,
        b.latest_agreement_unemployment_fund, b.agreements, b.requirements, b.interventions,
        b.meetings, b.education, b.contract, b.comments
    from built b
    join target_group_period t on t.citizen_id = b.citizen_id and t.valid_to is null
    cross join lateral (
        select w.name, o.name as organisation
        from conversation c
        join caseworker w on w.caseworker_id = c.caseworker_id
        join organisation o on o.organisation_id = c.organisation_id
        where c.plan_id = b.plan_id
        order by c.held_at desc limit 1
    ) s
)
insert into plan_document (plan_id, audience, citizen_id, active, visible, number, published_at,
    head, job_goals, education_goals, description, latest_agreement_jobcenter,
    latest_agreement_unemployment_fund, agreements, requirements, interventions, meetings,
    education, contract, comments)
select plan_id, audience, citizen_id, true, sees, 1, $2,
    head, job_goals, education_goals, description, latest_agreement_jobcenter,
    latest_agreement_unemployment_fund, agreements, requirements, interventions, meetings,
    education, contract, comments
from built;

-- name: load_citizen_documents
-- $1 new citizens: what each audience may know of them outside the plan
insert into citizen_document (citizen_id, audience, body)
select c.citizen_id, a.audience, section_citizen(c, a.audience = 'FUND')
from citizen c cross join (values ('FULL'), ('FUND')) a (audience)
where c.citizen_id = any ($1::uuid[]);

-- name: hold_told
-- Messages of an example that were sent at its time, whatever the hour, in three steps. $1 deliveries, $2 when
update delivery set status = 'CLAIMED', ready_at = $2, due_at = $2, claimed_until = $2, claim = claim + 1
where delivery_id = any ($1) and status = 'PENDING';

-- name: note_told
-- $1 deliveries, $2 when
insert into delivery_attempt (delivery_id, number, provider, begun_at, ended_at, outcome)
select delivery_id, claim, lower(channel), $2, $2, 'ACCEPTED' from delivery
where delivery_id = any ($1) and status = 'CLAIMED'
on conflict do nothing;

-- name: settle_told
-- $1 deliveries, $2 when
update delivery set status = 'SENT', claimed_until = null, accepted_at = $2, settled_at = $2
where delivery_id = any ($1) and status = 'CLAIMED';

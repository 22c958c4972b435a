-- name: publish_plan
-- Builds the touched sections of each audience's document, and stores what differs as the next
-- version. The plan's row must have been locked by a statement of its own before.
-- $1 plan, $2 sections touched, $3 published at, $4 publisher's name,
-- $5 kind and $6 code of its organisation, $7 trigger; what else a fund may know of the operation,
-- in order: $8 triggers, and for each the elements it may have changed, joined by commas, in $9;
-- $10 whether somebody listens to the stream of events
-- Returns a row per audience that got a version.
with audience as (
    select p, a.audience, a.audience = 'FUND' as for_fund, a.audience = 'FULL' or t.visible_to_fund as sees
    from plan p
    join plan_type t on t.code = p.plan_type
    cross join (values ('FULL'), ('FUND')) a (audience)
    where p.plan_id = $1
),
built as materialized (
    select (x.p).plan_id, (x.p).citizen_id, (x.p).plan_type, (x.p).status = 'ACTIVE' as active,
        x.audience, x.sees, d.number as old_number, d.visible as old_visible,
        case when d.plan_id is null or 'head' = any ($2::text[])
            then section_head(x.p, x.for_fund, x.sees) else d.head end as head,
        d.head as old_head,
        case when d.plan_id is null or 'job_goals' = any ($2::text[])
            then section_job_goals(x.p, x.for_fund, x.sees) else d.job_goals end as job_goals,
        d.job_goals as old_job_goals,
        case when d.plan_id is null or 'education_goals' = any ($2::text[])
            then section_education_goals(x.p, x.for_fund, x.sees) else d.education_goals end as education_goals,
        d.education_goals as old_education_goals,
        case when d.plan_id is null or 'description' = any ($2::text[])
            then section_description(x.p, x.for_fund, x.sees) else d.description end as description,
        d.description as old_description,
        case when d.plan_id is null or 'latest_agreement_jobcenter' = any ($2::text[])
            then section_latest_agreement(x.p, x.for_fund, x.sees, 'JOBCENTER') else d.latest_agreement_jobcenter end as latest_agreement_jobcenter,
        d.latest_agreement_jobcenter as old_latest_agreement_jobcenter,
        case when d.plan_id is null or 'latest_agreement_unemployment_fund' = any ($2::text[])
            then section_latest_agreement(x.p, x.for_fund, x.sees, 'UNEMPLOYMENT_FUND') else d.latest_agreement_unemployment_fund end as latest_agreement_unemployment_fund,
        d.latest_agreement_unemployment_fund as old_latest_agreement_unemployment_fund,
        case when d.plan_id is null or 'agreements' = any ($2::text[])
            then section_agreements(x.p, x.for_fund, x.sees) else d.agreements end as agreements,
        d.agreements as old_agreements,
        case when d.plan_id is null or 'requirements' = any ($2::text[])
            then section_requirements(x.p, x.for_fund, x.sees) else d.requirements end as requirements,
        d.requirements as old_requirements,
        case when d.plan_id is null or 'interventions' = any ($2::text[])
            then section_interventions(x.p, x.for_fund, x.sees) else d.interventions end as interventions,
        d.interventions as old_interventions,
        case when d.plan_id is null or 'meetings' = any ($2::text[])
            then section_meetings(x.p, x.for_fund, x.sees) else d.meetings end as meetings,
        d.meetings as old_meetings,
        case when d.plan_id is null or 'education' = any ($2::text[])
            then section_education(x.p, x.for_fund, x.sees) else d.education end as education,
        d.education as old_education,
        case when d.plan_id is null or 'contract' = any ($2::text[])
            then section_contract(x.p, x.for_fund, x.sees) else d.contract end as contract,
        d.contract as old_contract,
        case when d.plan_id is null or 'comments' = any ($2::text[])
            then section_comments(x.p, x.for_fund, x.sees) else d.comments end as comments,
        d.comments as old_comments
    from audience x
    left join plan_document d on d.plan_id = (x.p).plan_id and d.audience = x.audience
),
compared as materialized (
    select b.*, coalesce(b.old_number, 0) + 1 as number,
        array_remove(array[
            case when b.head is distinct from b.old_head then 'PLAN' end,
            case when b.job_goals is distinct from coalesce(b.old_job_goals, empty_section('job_goals'))
                then 'JOB_GOALS' end,
            case when b.education_goals is distinct from coalesce(b.old_education_goals, empty_section('education_goals'))
                then 'EDUCATION_GOALS' end,
            case when b.description is distinct from coalesce(b.old_description, empty_section('description'))
                then 'PLAN_DESCRIPTION' end,
            case when b.latest_agreement_jobcenter is distinct from coalesce(b.old_latest_agreement_jobcenter, empty_section('latest_agreement_jobcenter'))
                then 'LATEST_AGREEMENT_JOBCENTER' end,
            case when b.latest_agreement_unemployment_fund is distinct from coalesce(b.old_latest_agreement_unemployment_fund, empty_section('latest_agreement_unemployment_fund'))
                then 'LATEST_AGREEMENT_UNEMPLOYMENT_FUND' end,
            case when b.education is distinct from coalesce(b.old_education, empty_section('education'))
                then 'EDUCATION_STEP' end,
            case when b.contract is distinct from coalesce(b.old_contract, empty_section('contract'))
                then 'CONTRACT' end,
            case when b.comments is distinct from coalesce(b.old_comments, empty_section('comments'))
                then 'COMMENTS' end,
            case when (b.agreements, b.requirements, b.interventions, b.meetings) is distinct from (
                    coalesce(b.old_agreements, empty_section('agreements')),
                    coalesce(b.old_requirements, empty_section('requirements')),
                    coalesce(b.old_interventions, empty_section('interventions')),
                    coalesce(b.old_meetings, empty_section('meetings')))
                then 'TIMELINE' end,
            case when b.sees is distinct from b.old_visible then 'PLAN' end
        ], null) as changed_elements
    from built b
),
next as materialized (
    -- the first version is complete, so it changes only what has content; a plan begins for a fund
    -- with the first thing in it that the fund may see (R87)
    select c.*, array(select distinct e from unnest(c.changed_elements) e order by e) as elements,
        -- a trigger that the fund's own changes do not explain would tell of hidden ones
        coalesce(case when c.audience = 'FUND' then (
            select t.trigger from unnest($8::text[], $9::text[]) with ordinality t (trigger, elements, place)
            where string_to_array(t.elements, ',') && c.changed_elements
            order by t.place limit 1) end, $7) as trigger
    from compared c
    where case when c.old_number is null and c.audience = 'FUND'
        then array_remove(c.changed_elements, 'PLAN') <> '{}'
        else c.changed_elements <> '{}' end
),
version as (
    insert into plan_version (plan_id, audience, number, published_at, published_by, organisation,
        trigger, plan_type, target_group, changed_elements, visible,
        head, job_goals, education_goals, description, latest_agreement_jobcenter, latest_agreement_unemployment_fund, agreements, requirements, interventions, meetings, education, contract, comments)
    select n.plan_id, n.audience, n.number, $3, $4,
        coalesce((select o.name from organisation o where o.kind = $5 and o.code = $6), ''), n.trigger,
        case when n.sees then n.plan_type end,
        case when n.sees then t.target_group end,
        n.elements, n.sees,
        case when n.head is distinct from n.old_head then n.head end,
        case when n.job_goals is distinct from n.old_job_goals then n.job_goals end,
        case when n.education_goals is distinct from n.old_education_goals then n.education_goals end,
        case when n.description is distinct from n.old_description then n.description end,
        case when n.latest_agreement_jobcenter is distinct from n.old_latest_agreement_jobcenter then n.latest_agreement_jobcenter end,
        case when n.latest_agreement_unemployment_fund is distinct from n.old_latest_agreement_unemployment_fund then n.latest_agreement_unemployment_fund end,
        case when n.agreements is distinct from n.old_agreements then n.agreements end,
        case when n.requirements is distinct from n.old_requirements then n.requirements end,
        case when n.interventions is distinct from n.old_interventions then n.interventions end,
        case when n.meetings is distinct from n.old_meetings then n.meetings end,
        case when n.education is distinct from n.old_education then n.education end,
        case when n.contract is distinct from n.old_contract then n.contract end,
        case when n.comments is distinct from n.old_comments then n.comments end
    from next n
    join target_group_period t on t.citizen_id = n.citizen_id and t.valid_to is null
),
letter as (
    -- R115: who is exempt gets each version by letter; of a closed plan nothing is sent
    insert into letter_task (plan_id, version, created_at)
    select n.plan_id, n.number, $3 from next n
    where n.audience = 'FULL' and n.active and exists (select from digital_exemption e
        where e.citizen_id = n.citizen_id and e.valid_from <= copenhagen_date($3)
          and (e.valid_to is null or e.valid_to > copenhagen_date($3)))
    returning letter_task_id
),
event as (
    -- one event a publication, of the full document: what a fund's own numbers tell is no event
    insert into system_event (kind, citizen_id, plan_id, version, trigger, codes, created_at, due_at, status)
    select 'PLAN_PUBLISHED', n.citizen_id, n.plan_id, n.number, n.trigger, n.elements, $3, $3, 'PENDING'
    from next n
    where $10::boolean and n.audience = 'FULL'
),
document as (
    insert into plan_document as d (plan_id, audience, citizen_id, active, visible, number, published_at,
        head, job_goals, education_goals, description, latest_agreement_jobcenter, latest_agreement_unemployment_fund, agreements, requirements, interventions, meetings, education, contract, comments)
    select n.plan_id, n.audience, n.citizen_id, true, n.sees, n.number, $3,
        n.head, n.job_goals, n.education_goals, n.description, n.latest_agreement_jobcenter, n.latest_agreement_unemployment_fund, n.agreements, n.requirements, n.interventions, n.meetings, n.education, n.contract, n.comments
    from next n
    on conflict (plan_id, audience) do update set
        (visible, number, published_at, acknowledgement,
        head, job_goals, education_goals, description, latest_agreement_jobcenter, latest_agreement_unemployment_fund, agreements, requirements, interventions, meetings, education, contract, comments) =
        (excluded.visible, excluded.number, excluded.published_at, null,
        excluded.head, excluded.job_goals, excluded.education_goals, excluded.description, excluded.latest_agreement_jobcenter, excluded.latest_agreement_unemployment_fund, excluded.agreements, excluded.requirements, excluded.interventions, excluded.meetings, excluded.education, excluded.contract, excluded.comments)
)
select audience, number, elements as changed_elements, trigger, citizen_id, sees as visible,
    exists (select from letter) as has_letter
from next;

-- name: rebuild_documents
-- What every section would be if it were built now, beside what is stored: for the test that
-- compares, and for an operator after a restore. A closed plan stays as it was closed. $1 plan
select d.audience, array_remove(array[
    case when d.head is distinct from section_head(x.p, x.for_fund, x.sees) then 'head' end,
    case when d.job_goals is distinct from section_job_goals(x.p, x.for_fund, x.sees) then 'job_goals' end,
    case when d.education_goals is distinct from section_education_goals(x.p, x.for_fund, x.sees) then 'education_goals' end,
    case when d.description is distinct from section_description(x.p, x.for_fund, x.sees) then 'description' end,
    case when d.latest_agreement_jobcenter is distinct from section_latest_agreement(x.p, x.for_fund, x.sees, 'JOBCENTER') then 'latest_agreement_jobcenter' end,
    case when d.latest_agreement_unemployment_fund is distinct from section_latest_agreement(x.p, x.for_fund, x.sees, 'UNEMPLOYMENT_FUND') then 'latest_agreement_unemployment_fund' end,
    case when d.agreements is distinct from section_agreements(x.p, x.for_fund, x.sees) then 'agreements' end,
    case when d.requirements is distinct from section_requirements(x.p, x.for_fund, x.sees) then 'requirements' end,
    case when d.interventions is distinct from section_interventions(x.p, x.for_fund, x.sees) then 'interventions' end,
    case when d.meetings is distinct from section_meetings(x.p, x.for_fund, x.sees) then 'meetings' end,
    case when d.education is distinct from section_education(x.p, x.for_fund, x.sees) then 'education' end,
    case when d.contract is distinct from section_contract(x.p, x.for_fund, x.sees) then 'contract' end,
    case when d.comments is distinct from section_comments(x.p, x.for_fund, x.sees) then 'comments' end
], null) as stale
from (
    select p, a.audience, a.audience = 'FUND' as for_fund, a.audience = 'FULL' or t.visible_to_fund as sees
    from plan p join plan_type t on t.code = p.plan_type
    cross join (values ('FULL'), ('FUND')) a (audience)
    where p.plan_id = $1 and p.status = 'ACTIVE'
) x
join plan_document d on d.plan_id = (x.p).plan_id and d.audience = x.audience;

-- name: store_citizen_documents
-- $1 citizen: what each audience may know of the citizen outside the plan. Returns the audiences
-- for which it changed.
insert into citizen_document as d (citizen_id, audience, body)
select c.citizen_id, a.audience, section_citizen(c, a.audience = 'FUND')
from citizen c cross join (values ('FULL'), ('FUND')) a (audience)
where c.citizen_id = $1
on conflict (citizen_id, audience) do update set body = excluded.body
where d.body is distinct from excluded.body
returning d.audience;

-- Closed plans: kept as they were, read until the next plan begins, exported for the education plan.
-- depends: 0013_education

-- migrate: apply

-- The current plan of an audience stays current after it is closed. The first version of the next
-- plan takes its place, for a fund only when that plan has something the fund may see.
create function take_over_from_earlier_plan() returns trigger language plpgsql as $$
begin
    update plan_document set active = false
    where citizen_id = new.citizen_id and audience = new.audience and active and plan_id <> new.plan_id;
    return new;
end $$;
create trigger plan_document_takes_over before insert on plan_document
    for each row when (new.number = 1) execute function take_over_from_earlier_plan();

-- What the education plan under KUI is written from, as it was when the plan was closed (R105).
alter table kui_export add column body jsonb not null;
alter table kui_export add constraint kui_export_once unique (plan_id);

create function kui_export_body(p plan) returns jsonb language sql stable parallel safe as $$
    select ('{' || convert_from(section_education_goals(p, false, true) || ','::bytea
        || section_education(p, false, true) || ','::bytea
        || section_latest_agreement(p, false, true, 'JOBCENTER'), 'UTF8') || '}')::jsonb - 'test_results'
$$;

-- Null: stored before it was noted. It moves with the document, so that the citizen gets a version.
alter table integration_contract add column attached_at timestamptz;

alter table letter_task drop constraint letter_task_status_check;
alter table letter_task add constraint letter_task_status_check check (status in ('OPEN', 'SENT', 'DROPPED'));
create index letter_task_open on letter_task (plan_id) where status = 'OPEN';

-- Whether a fund may know of a letter: it has the version, of a plan that it may see now. Of a plan
-- that became hidden the jobcenter sends the letters, or their end would tell of a closing (R88).
create or replace function fund_knows(l letter_task) returns boolean language sql stable parallel safe as $$
    select exists (select from plan_version v
        join plan p on p.plan_id = v.plan_id
        join plan_type t on t.code = p.plan_type
        where v.plan_id = l.plan_id and v.audience = 'FUND' and v.visible and v.published_at = l.created_at
          and t.visible_to_fund)
$$;

create or replace function section_head(p plan, for_fund boolean, sees boolean)
returns bytea language sql stable parallel safe as $$
    select fragment(row_to_json(head)) || coalesce((
        select ','::bytea || fragment(json_build_object('kui_export', json_build_object(
            'exported_at', k.exported_at, 'exported_by', w.name,
            'education_goals', k.body -> 'education_goals',
            'education_order', k.body -> 'education_order',
            'latest_agreement', k.body -> 'latest_agreement_jobcenter')))
        from kui_export k join caseworker w on w.caseworker_id = k.exported_by
        where k.plan_id = p.plan_id and p.status = 'CLOSED' and not for_fund), ''::bytea)
    from (
        select p.plan_id as id, p.citizen_id,
            case when sees then p.plan_type end as type,
            -- a fund that may not see the plan is not told that it was closed
            case when sees then p.status else 'ACTIVE' end as status,
            case when sees then g.code end as target_group,
            case when sees then g.composition end as composition,
            coalesce((
                select json_agg(json_build_object('code', e.element, 'only_if_any', e.only_if_any) order by e.position)
                from composition_element e
                where e.composition = g.composition and sees and not (for_fund and e.element = 'CONTRACT')
            ), '[]') as composition_elements,
            sees and g.shows_find_job as shows_find_job,
            case when sees then g.description_variant end as description_variant,
            c.first_benefit_date as lower_bound,
            not for_fund and p.holistic as holistic,
            case when not for_fund then p.holistic_consent_at end as holistic_consent_at,
            case when sees then p.citizen_agrees end as citizen_agrees,
            case when sees then p.agreement_comment end as agreement_comment
        from citizen c
        join target_group_period t on t.citizen_id = c.citizen_id and t.valid_to is null
        join target_group g on g.code = t.target_group
        where c.citizen_id = p.citizen_id
    ) head
$$;

create or replace function section_contract(p plan, for_fund boolean, sees boolean)
returns bytea language sql stable parallel safe as $$
    select fragment(json_build_object('contract', (
        select row_to_json(c) from (
            select file_name, signed_on, danish_goal, valid_until, attached_at
            from integration_contract
            where plan_id = p.plan_id and not for_fund and has_element(p.citizen_id, 'CONTRACT')) c)))
$$;

-- A closed plan stays as it was closed: its citizen may be in another group by now.
create or replace function refresh_section(name text) returns void language plpgsql as $$
begin
    execute format($sql$
        update plan_document d set %1$I = section_%1$s(p, d.audience = 'FUND', d.audience = 'FULL' or t.visible_to_fund)
        from plan p join plan_type t on t.code = p.plan_type
        where p.plan_id = d.plan_id and p.status = 'ACTIVE'
          and d.%1$I is distinct from section_%1$s(p, d.audience = 'FUND', d.audience = 'FULL' or t.visible_to_fund)
    $sql$, name);
end $$;

select refresh_section('contract');

-- migrate: rollback
-- Forward only: a wrong migration is mended by the next one.

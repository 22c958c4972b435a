-- What becomes of an intervention: its changes, its imports, and the policies for offers.
-- depends: 0011_comment

-- migrate: apply

-- Numbers and switches of the law that hold for a time, for all target groups or for one.
create table policy (
    name text not null,
    target_group text references target_group,
    value text not null,
    valid_from date not null default '1900-01-01',
    valid_to date check (valid_to >= valid_from),
    unique nulls not distinct (name, target_group, valid_from),
    check (case name
        when 'offer_notice_days' then value ~ '^[0-9]{1,3}$'
        when 'unemployment_fund_six_week' then value in ('on', 'off')
        else false end)
);

alter table intervention
    -- the type under which its facts were last written, null: as it was first written; what a fund
    -- may read goes by it (R135). Of a change of single facts under a type that funds see it stays.
    add changed_under_plan_type text references plan_type,
    -- the same of the latest status
    add status_under_plan_type text references plan_type,
    -- the day its start date became what it is, null: that of its creation; R90 and R92 count from it
    add start_moved_on date,
    -- the system that an import came from: it writes its own and no other's (R154)
    add system text check (length(system) between 1 and 100),
    -- "Aftalt med" of what nobody who logs in here wrote: the organisation, and a name if it is told
    add agreed_organisation_id uuid references organisation,
    add agreed_with_name text check (length(agreed_with_name) between 1 and 200),
    -- what `occupation` is called in the list, if the offer is held against it (R49)
    add occupation_code text references occupation,
    alter agreed_with drop not null,
    add check (num_nonnulls(agreed_with, agreed_organisation_id) = 1),
    add check (agreed_with_name is null or agreed_organisation_id is not null),
    add check (cancel_reason is null or cancelled_at is not null);

-- The type under which a call was recorded, null: as the intervention was first written (R135).
alter table contact_attempt add recorded_under_plan_type text references plan_type;

drop index intervention_external;
create unique index intervention_external on intervention (origin, system, external_id)
    nulls not distinct where external_id is not null;

-- What a system sent of a company's application. `digest` is that of the facts as last sent, so that
-- the same again changes nothing, whatever a caseworker wrote since. `held`: the facts, while a text
-- is too long for the plan (R81); nothing of it is published.
create table company_import (
    company_import_id uuid primary key default uuidv7(),
    citizen_id uuid not null references citizen on delete cascade,
    system text not null,
    external_id text not null check (length(external_id) between 1 and 100),
    digest bytea not null,
    received_at timestamptz not null,
    held jsonb,
    unique (system, external_id)
);
create index company_import_held on company_import (citizen_id) where held is not null;

-- R87, R88, R135: for a fund a hidden kind does not exist, nor what was written, or is written now,
-- under a hidden plan type.
create or replace function hidden_from_fund(i intervention)
returns boolean language sql stable parallel safe as $$
    select (select hidden_from_fund from intervention_kind where code = i.kind)
        or not (select visible_to_fund from plan_type where code = i.written_under_plan_type)
        or coalesce((select not visible_to_fund from plan_type where code = i.changed_under_plan_type), false)
$$;

create or replace function section_interventions(p plan, for_fund boolean, sees boolean)
returns bytea language sql stable parallel safe as $$
    select fragment(json_build_object('interventions',
        coalesce(json_agg(item order by item.start_date, item.id), '[]')))
    from (
        select k.type_name, i.intervention_id as id, i.kind, i.scheme,
            coalesce(s.timeline_label, k.timeline_label) as title, i.headline, i.hours_per_week,
            i.minutes_per_week, i.description,
            coalesce(w.name, i.agreed_with_name, b.name) as agreed_with,
            case when i.shows_organisation then
                coalesce(o.name, case when i.agreed_with_name is not null then b.name end)
            end as agreed_organisation,
            i.start_date, i.end_date, i.cancelled_at, i.cancel_reason, i.why,
            case when i.latest_status is not null
                -- told under a type that funds do not see, it is not there for them (R135)
                and (not for_fund or (select visible_to_fund from plan_type
                    where code = coalesce(i.status_under_plan_type, i.written_under_plan_type)))
                then json_build_object('text', i.latest_status,
                    'author', l.name, 'at', i.latest_status_at) end as latest_status,
            coalesce((
                select json_agg(json_build_object(
                    'goal_id', coalesce(n.job_goal_id, n.education_goal_id),
                    'text', coalesce(z.label, j.job_function_text, e.education_name),
                    'type', case when n.job_goal_id is null then 'EDUCATION_GOAL' else 'JOB_GOAL' end)
                    order by j.priority, e.priority)
                from goal_link n
                left join job_goal j on j.job_goal_id = n.job_goal_id
                left join occupation z on z.code = j.occupation_code
                left join education_goal e on e.education_goal_id = n.education_goal_id
                where n.intervention_id = i.intervention_id
            ), '[]') as goal_links,
            case when i.is_offer then json_build_object('notice_basis', i.notice_basis,
                'notice_on', i.notice_on,
                'contact_attempts', coalesce((
                    select json_agg(json_build_object('at', a.attempted_on, 'reached', a.reached)
                        order by a.attempted_on, a.contact_attempt_id)
                    from contact_attempt a where a.intervention_id = i.intervention_id
                      and (not for_fund or (select visible_to_fund from plan_type where code =
                        coalesce(a.recorded_under_plan_type, i.written_under_plan_type)))), '[]'),
                'outside_shortage_reason', i.outside_shortage_reason,
                'right_and_duty', i.right_and_duty) end as offer,
            i.origin, i.external_id, i.written_under_plan_type, i.place, i.contact_name,
            i.contact_phone, i.contact_email, i.occupation, i.occupation_code, i.workplace, i.company_address, i.cvr,
            i.p_number, i.course, i.provider, i.mentor_name, i.mentor_tasks, i.aid_form,
            i.aid_category, i.aid_purpose, i.task_description, i.code_list, i.code, i.code_label,
            i.facilitator_name, k.hidden_from_fund as hidden_from_unemployment_fund
        from intervention i
        join intervention_kind k on k.code = i.kind
        left join education_scheme s on s.code = i.scheme
        left join caseworker w on w.caseworker_id = i.agreed_with
        left join organisation o on o.organisation_id = w.organisation_id
        left join organisation b on b.organisation_id = i.agreed_organisation_id
        left join caseworker l on l.caseworker_id = i.latest_status_by
        where i.plan_id = p.plan_id
          and (not for_fund or (sees and not hidden_from_fund(i)))
    ) item
$$;

select refresh_section('interventions');

-- migrate: rollback
-- Forward only: a wrong migration is mended by the next one.

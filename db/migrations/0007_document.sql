-- How a document is built: one function per section, as the full or the fund's audience sees it.
-- depends: 0006_publication

-- migrate: apply

-- $1 a JSON object; returns its inside as UTF-8 bytes, the stored form of a section.
create function fragment(object json) returns bytea language sql stable parallel safe as $$
    select convert_to(substr(object::text, 2, length(object::text) - 2), 'UTF8')
$$;

create function copenhagen_date(at timestamptz) returns date language sql stable parallel safe as $$
    select (at at time zone 'Europe/Copenhagen')::date
$$;

create function occupation_json(wanted text) returns json language sql stable parallel safe as $$
    select row_to_json(o) from (select code, label, scheme from occupation where code = wanted) o
$$;

-- Whether the region of the citizen's home lacks people in an occupation on a day; null: not on the
-- list then (R49).
create function shortage_status(citizen uuid, occupation text, today date) returns text
language sql stable parallel safe as $$
    select case when a.in_shortage then 'IN_SHORTAGE' else 'NOT_IN_SHORTAGE' end
    from citizen c
    join municipality m on m.code = c.municipality_code
    join shortage_area a on a.region = m.region and a.occupation_code = occupation
    where c.citizen_id = citizen and a.valid_from <= today and (a.valid_to is null or a.valid_to >= today)
    order by a.valid_from desc limit 1
$$;

-- Whether the plan's composition has an element today; what it has not is kept and hidden (R4, R132).
create function has_element(citizen uuid, wanted text) returns boolean language sql stable parallel safe as $$
    select exists (
        select from target_group_period t
        join target_group g on g.code = t.target_group
        join composition_element e on e.composition = g.composition
        where t.citizen_id = citizen and t.valid_to is null and e.element = wanted
          and (wanted <> 'EDUCATION_GOALS' or g.education_goal_rule is not null))
$$;

-- A section without content, as it is stored.
create function empty_section(name text) returns bytea language sql stable parallel safe as $$
    select case
        when name in ('job_goals', 'education_goals', 'agreements', 'requirements', 'interventions', 'comments')
            then fragment(json_build_object(name, '[]'::json))
        when name = 'meetings'
            then fragment(json_build_object('meetings', '[]'::json, 'other_agreements', '[]'::json))
        when name = 'education'
            then fragment(json_build_object('education_order', null, 'test_results', '[]'::json))
        when name <> 'head' then fragment(json_build_object(name, null))
    end
$$;

-- `sees` is false where a fund may not see the plan's type (R88): then only what funds wrote stays,
-- and each fund reads of it what is its own. Memberships end with the day, a document does not.
create function section_head(p plan, for_fund boolean, sees boolean)
returns bytea language sql stable parallel safe as $$
    select fragment(row_to_json(head)) from (
        select p.plan_id as id, p.citizen_id,
            case when sees then p.plan_type end as type,
            p.status,
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

create function section_job_goals(p plan, for_fund boolean, sees boolean)
returns bytea language sql stable parallel safe as $$
    select fragment(json_build_object('job_goals', coalesce(json_agg(goal order by goal.priority), '[]')))
    from (
        select j.job_goal_id as id, coalesce(o.label, j.job_function_text) as text,
            occupation_json(j.occupation_code) as occupation, j.job_function_text, j.term,
            j.long_term_description, j.priority,
            coalesce((
                select json_agg(json_build_object('id', s.sub_goal_id, 'text', s.text,
                    'target_date', s.target_date, 'done_on', s.done_on) order by s.position)
                from sub_goal s where s.job_goal_id = j.job_goal_id
            ), '[]') as sub_goals,
            j.shortage_status, j.outside_shortage_reason, w.name as confirmed_by, j.confirmed_at
        from job_goal j
        join caseworker w on w.caseworker_id = j.confirmed_by
        left join occupation o on o.code = j.occupation_code
        where j.plan_id = p.plan_id and sees and has_element(p.citizen_id, 'JOB_GOALS')
    ) goal
$$;

create function section_education_goals(p plan, for_fund boolean, sees boolean)
returns bytea language sql stable parallel safe as $$
    select fragment(json_build_object('education_goals', coalesce(json_agg(goal order by goal.priority), '[]')))
    from (
        select e.education_goal_id as id, e.education_name, e.education_code, e.priority,
            w.name as agreed_by, e.agreed_at
        from education_goal e join caseworker w on w.caseworker_id = e.agreed_by
        where e.plan_id = p.plan_id and sees and has_element(p.citizen_id, 'EDUCATION_GOALS')
    ) goal
$$;

create function comments_json(plan uuid, wanted_target text) returns json language sql stable parallel safe as $$
    select coalesce(json_agg(c order by c.at, c.id), '[]') from (
        select m.comment_id as id, coalesce(w.name, z.full_name) as author,
            case when m.caseworker_id is null then 'CITIZEN' else 'CASEWORKER' end as author_role,
            m.text, m.written_at as at, m.in_reply_to, m.target
        from comment m
        join plan p on p.plan_id = m.plan_id
        join citizen z on z.citizen_id = p.citizen_id
        left join caseworker w on w.caseworker_id = m.caseworker_id
        where m.plan_id = plan and (wanted_target is null or m.target = wanted_target)
    ) c
$$;

create function section_description(p plan, for_fund boolean, sees boolean)
returns bytea language sql stable parallel safe as $$
    select fragment(json_build_object('description', (
        select row_to_json(d) from (
            select g.description_variant as variant, x.text, w.name as author, x.updated_at,
                x.covers_rehabilitation_part,
                case when for_fund then '[]' else comments_json(p.plan_id, 'DESCRIPTION') end as replies
            from plan_description x
            join caseworker w on w.caseworker_id = x.author
            join target_group_period t on t.citizen_id = p.citizen_id and t.valid_to is null
            join target_group g on g.code = t.target_group
            where x.plan_id = p.plan_id and sees and g.description_variant is not null
        ) d)))
$$;

-- Whether a fund must not learn of a conversation of the jobcenter (R87, R135).
create function hidden_from_fund(c conversation) returns boolean language sql stable parallel safe as $$
    select c.hidden_from_unemployment_fund
        or not (select visible_to_fund from plan_type where code = c.written_under_plan_type)
$$;

create function agreements_of(p plan, for_fund boolean, sees boolean)
returns table (id uuid, authority text, organisation text, organisation_code text, caseworker text,
    held_at timestamptz, held_on date, mode text, agreement_text text, revision smallint,
    corrected_at timestamptz, hidden_from_unemployment_fund boolean)
language sql stable parallel safe as $$
    select c.conversation_id, c.authority, o.name, o.code, w.name, c.held_at, copenhagen_date(c.held_at),
        c.mode, r.text, r.revision, case when r.revision > 1 then r.written_at end,
        c.hidden_from_unemployment_fund
    from conversation c
    join organisation o on o.organisation_id = c.organisation_id
    join caseworker w on w.caseworker_id = c.caseworker_id
    join lateral (
        select * from agreement_revision a where a.conversation_id = c.conversation_id
        order by a.revision desc limit 1
    ) r on true
    where c.plan_id = p.plan_id
      and (not for_fund
        or c.authority = 'UNEMPLOYMENT_FUND'
        or (c.authority = 'JOBCENTER' and sees and not hidden_from_fund(c)))
$$;

create function section_agreements(p plan, for_fund boolean, sees boolean)
returns bytea language sql stable parallel safe as $$
    select fragment(json_build_object('agreements', coalesce(json_agg(a order by a.held_at desc, a.id desc), '[]')))
    from agreements_of(p, for_fund, sees) a
$$;

create function section_latest_agreement(p plan, for_fund boolean, sees boolean, wanted text)
returns bytea language sql stable parallel safe as $$
    select fragment(json_build_object('latest_agreement_' || lower(wanted), (
        select row_to_json(a) from agreements_of(p, for_fund, sees) a
        join target_group_period t on t.citizen_id = p.citizen_id and t.valid_to is null
        join target_group g on g.code = t.target_group
        where sees and a.authority = wanted and (wanted = 'JOBCENTER' or g.fund_agreement)
        order by a.held_at desc, a.id desc limit 1)))
$$;

create function section_requirements(p plan, for_fund boolean, sees boolean)
returns bytea language sql stable parallel safe as $$
    select fragment(json_build_object('requirements',
        coalesce(json_agg(requirement order by requirement.valid_from desc, requirement.id desc), '[]')))
    from (
        select r.requirement_id as id, r.issuer, o.name as organisation, o.code as organisation_code,
            w.name as caseworker,
            coalesce((select json_agg(occupation_json(q.occupation_code) order by q.position)
                from requirement_occupation q where q.requirement_id = r.requirement_id), '[]') as occupations,
            r.industries,
            coalesce((select json_agg(json_build_object('municipality_code', a.municipality_code,
                    'label', a.label) order by a.position)
                from requirement_area a where a.requirement_id = r.requirement_id), '[]') as geographic_areas,
            r.agreement_text, r.other_expectations, r.expected_count, r.full_time, r.unsolicited,
            r.valid_from, r.valid_to
        from job_search_requirement r
        join organisation o on o.organisation_id = r.organisation_id
        join caseworker w on w.caseworker_id = r.caseworker_id
        where r.plan_id = p.plan_id
          and (not for_fund or r.issuer = 'UNEMPLOYMENT_FUND')
    ) requirement
$$;

create function section_meetings(p plan, for_fund boolean, sees boolean)
returns bytea language sql stable parallel safe as $$
    select fragment(json_build_object(
        'meetings', (select coalesce(json_agg(m order by m.starts_at, m.id), '[]') from (
            select x.meeting_id as id, x.authority, o.name as organisation, x.external_id, x.source,
                case when for_fund and x.status = 'HELD' and exists (
                        select from conversation c where c.meeting_id = x.meeting_id
                          and c.authority = 'JOBCENTER' and (not sees or hidden_from_fund(c)))
                    then x.status_before_held else x.status end as status,
                x.starts_at, x.ends_at, copenhagen_date(x.starts_at) as starts_on, x.mode,
                x.place, x.address, x.map_url, x.caseworker_name as caseworker, x.caseworker_role,
                x.description
            from meeting x join organisation o on o.organisation_id = x.organisation_id
            where x.plan_id = p.plan_id) m),
        'other_agreements', (select coalesce(json_agg(a order by a.starts_at, a.id), '[]') from (
            select y.other_agreement_id as id, y.title, y.kind, y.starts_at, y.ends_at,
                copenhagen_date(y.starts_at) as starts_on, y.place, y.description, y.organiser,
                y.external_id, y.cancelled
            from other_agreement y where y.plan_id = p.plan_id) a)))
$$;

create function section_contract(p plan, for_fund boolean, sees boolean)
returns bytea language sql stable parallel safe as $$
    select fragment(json_build_object('contract', (
        select row_to_json(c) from (
            select file_name, signed_on, danish_goal, valid_until
            from integration_contract
            where plan_id = p.plan_id and not for_fund and has_element(p.citizen_id, 'CONTRACT')) c)))
$$;

create function section_comments(p plan, for_fund boolean, sees boolean)
returns bytea language sql stable parallel safe as $$
    select fragment(json_build_object('comments',
        case when for_fund then '[]' else comments_json(p.plan_id, null) end))
$$;

-- migrate: rollback
-- Forward only: a wrong migration is mended by the next one.

-- The sections of interventions and of the education order.
-- depends: 0007_document

-- migrate: apply
-- R87, R88: a hidden kind, or what was written under a hidden plan type, does not exist for a fund.
create function hidden_from_fund(i intervention) returns boolean language sql stable parallel safe as $$
    select (select hidden_from_fund from intervention_kind where code = i.kind)
        or not (select visible_to_fund from plan_type where code = i.written_under_plan_type)
$$;

create function section_interventions(p plan, for_fund boolean, sees boolean)
returns bytea language sql stable parallel safe as $$
    select fragment(json_build_object('interventions',
        coalesce(json_agg(item order by item.start_date, item.id), '[]')))
    from (
        select k.type_name, i.intervention_id as id, i.kind, i.scheme,
            coalesce(s.timeline_label, k.timeline_label) as title, i.headline, i.hours_per_week,
            i.minutes_per_week, i.description, w.name as agreed_with,
            case when i.shows_organisation then o.name end as agreed_organisation,
            i.start_date, i.end_date, i.cancelled_at, i.why,
            case when i.latest_status is not null then json_build_object('text', i.latest_status,
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
                    from contact_attempt a where a.intervention_id = i.intervention_id), '[]'),
                'outside_shortage_reason', i.outside_shortage_reason,
                'right_and_duty', i.right_and_duty) end as offer,
            i.origin, i.external_id, i.written_under_plan_type, i.place, i.contact_name,
            i.contact_phone, i.contact_email, i.occupation, i.workplace, i.company_address, i.cvr,
            i.p_number, i.course, i.provider, i.mentor_name, i.mentor_tasks, i.aid_form,
            i.aid_category, i.aid_purpose, i.task_description, i.code_list, i.code, i.code_label,
            i.facilitator_name, k.hidden_from_fund as hidden_from_unemployment_fund
        from intervention i
        join intervention_kind k on k.code = i.kind
        left join education_scheme s on s.code = i.scheme
        join caseworker w on w.caseworker_id = i.agreed_with
        join organisation o on o.organisation_id = w.organisation_id
        left join caseworker l on l.caseworker_id = i.latest_status_by
        where i.plan_id = p.plan_id
          and (not for_fund or (sees and not hidden_from_fund(i)))
    ) item
$$;

create function application_json(a education_application) returns json language sql stable parallel safe as $$
    select json_build_object('id', a.application_id, 'goal', a.goal, 'institution', a.institution,
        'sent', a.sent, 'answer', a.answer)
$$;

create function section_education(p plan, for_fund boolean, sees boolean)
returns bytea language sql stable parallel safe as $$
    select fragment(json_build_object(
        'education_order', (select row_to_json(x) from (
            select o.current_step,
                coalesce((select json_agg(st order by st.opened_at, st.id) from (
                    select s.education_step_id as id, s.step, s.opened_at, ob.name as opened_by,
                        cw.name as caseworker, s.deadline, s.status, s.sent_at, s.late,
                        coalesce((select json_agg(json_build_object('priority', e.priority,
                            'education_name', e.education_name, 'reason', e.reason) order by e.priority)
                            from education_proposal e where e.education_step_id = s.education_step_id),
                            '[]') as education_proposals,
                        coalesce((select json_agg(json_build_object('goal', i.goal,
                            'institution', i.institution) order by i.position)
                            from institution_proposal i where i.education_step_id = s.education_step_id),
                            '[]') as institution_proposals,
                        s.institution_reason
                    from education_step s
                    join caseworker ob on ob.caseworker_id = s.opened_by
                    join caseworker cw on cw.caseworker_id = s.caseworker_id
                    where s.plan_id = p.plan_id) st), '[]') as steps,
                coalesce((select json_agg(application_json(a) order by a.position)
                    from education_application a where a.plan_id = p.plan_id), '[]') as applications,
                (select application_json(a) from education_application a
                    where a.application_id = o.admitted_application_id) as admitted_application,
                o.start_date, o.started_on, o.completed_on,
                case when not for_fund then (select json_build_object('assessed_on', n.assessed_on,
                    'has_need', n.has_need, 'text', n.text,
                    'interventions', coalesce((select json_agg(v.intervention_id order by v.intervention_id)
                        from support_need_intervention v where v.plan_id = n.plan_id), '[]'))
                    from support_need n where n.plan_id = p.plan_id) end as support_need,
                case when not for_fund then (select json_build_object('name', c.name, 'phone', c.phone,
                    'email', c.email)
                    from institution_contact c where c.plan_id = p.plan_id) end as institution_contact,
                case when not for_fund then (select json_build_object('id', h.handover_package_id,
                    'institution', i.name, 'other_essential_information', h.other_essential_information,
                    'released_at', h.released_at, 'received_at', h.received_at)
                    from handover_package h join organisation i on i.organisation_id = h.institution_id
                    where h.plan_id = p.plan_id order by h.released_at desc limit 1) end as handover
            from education_order o
            join target_group_period t on t.citizen_id = p.citizen_id and t.valid_to is null
            join target_group g on g.code = t.target_group
            -- R4: another group's element is never shown; the order comes back with the group (R132)
            where o.plan_id = p.plan_id and sees and g.education_steps) x),
        'test_results', case when for_fund then '[]' else coalesce((
            select json_agg(json_build_object('id', r.test_result_id, 'kind', r.kind,
                'taken_on', r.taken_on, 'result', r.result, 'course_recommended', r.course_recommended,
                'requested_by', r.requested_by, 'reason', r.reason,
                'valid_until', (r.taken_on + interval '2 years')::date) order by r.taken_on, r.test_result_id)
            from test_result r where r.plan_id = p.plan_id), '[]') end))
$$;

-- "Jeg søger job som", oldest first.
create function sought_jobs_json(citizen uuid) returns json language sql stable parallel safe as $$
    select coalesce(json_agg(s order by s.added_at, s.id), '[]') from (
        select j.sought_job_id as id, occupation_json(j.occupation_code) as occupation,
            j.added_at, j.added_during, b.name as assisted_by, a.name as approved_by, j.approved_at
        from sought_job j
        left join caseworker a on a.caseworker_id = j.approved_by
        left join caseworker b on b.caseworker_id = j.assisted_by
        where j.citizen_id = citizen
    ) s
$$;

-- A target group as the code list and the citizen's document show it.
create function target_group_json(g target_group) returns json language sql stable parallel safe as $$
    select json_build_object('code', g.code, 'name', g.name, 'lab_section_6_number', g.lab_section_6_number,
        'obliged', g.obliged, 'composition', g.composition,
        'elements', coalesce((select json_agg(json_build_object('code', e.element,
                'only_if_any', e.only_if_any) order by e.position)
            from composition_element e where e.composition = g.composition), '[]'),
        'plan_types', coalesce((select json_agg(y.plan_type order by y.position)
            from target_group_plan_type y where y.target_group = g.code), '[]'),
        'job_goal_rule', g.job_goal_rule, 'education_goal_rule', g.education_goal_rule,
        'description_variant', g.description_variant, 'requirement_issuer', g.requirement_issuer,
        'education_steps', g.education_steps, 'sought_jobs_minimum', g.sought_jobs_minimum,
        'individually_exemptible', g.individually_exemptible, 'shows_find_job', g.shows_find_job,
        'valid_from', g.valid_from, 'valid_to', g.valid_to)
$$;

create function section_citizen(c citizen, for_fund boolean)
returns bytea language sql stable parallel safe as $$
    select convert_to(row_to_json(x)::text, 'UTF8') from (
        select c.citizen_id as id,
            json_build_object('given', c.given_name, 'middle', c.middle_name, 'surname', c.surname,
                'full', c.full_name) as name,
            encode(c.cpr_encrypted, 'base64') as civil_registration_number_encrypted,
            c.birth_date, c.municipality_code, c.right_and_duty, c.first_benefit_date,
            c.has_vocational_education, c.has_dependent_children, c.under_kui, c.registration_open,
            json_build_object('phone', c.phone, 'email', c.email) as contact,
            json_build_object('searchable', c.cv_searchable, 'part_time', c.cv_part_time,
                'link', c.cv_link) as cv,
            (select target_group_json(h)
                from target_group_period t join target_group h on h.code = t.target_group
                join plan_type y on y.code = t.plan_type
                where t.citizen_id = c.citizen_id and t.valid_to is null
                  and (not for_fund or y.visible_to_fund)) as target_group,
            (select t.valid_from
                from target_group_period t join plan_type y on y.code = t.plan_type
                where t.citizen_id = c.citizen_id and t.valid_to is null
                  and (not for_fund or y.visible_to_fund)) as target_group_since,
            sought_jobs_json(c.citizen_id) as sought_jobs,
            coalesce((select json_agg(m order by m.valid_from) from (
                select b.membership_id as id, o.name as fund, o.code as fund_code, b.insurance,
                    b.valid_from, b.valid_to
                from membership b join organisation o on o.organisation_id = b.fund_id
                where b.citizen_id = c.citizen_id) m), '[]') as memberships,
            coalesce((select json_agg(r order by r.valid_from) from (
                select q.case_responsibility_id as id, q.authority, o.name as organisation,
                    o.code as organisation_code, q.basis, q.valid_from, q.valid_to,
                    q.counted_hours::float as counted_hours, q.expected_transition_date
                from case_responsibility q join organisation o on o.organisation_id = q.organisation_id
                where q.citizen_id = c.citizen_id) r), '[]') as responsibilities,
            coalesce((select json_agg(d order by d.valid_from) from (
                select e.kind, e.valid_from, e.valid_to,
                    case when not for_fund then e.reason end as reason, w.name as decided_by
                from digital_exemption e left join caseworker w on w.caseworker_id = e.decided_by
                where e.citizen_id = c.citizen_id) d), '[]') as digital_exemptions
    ) x
$$;

-- migrate: rollback
-- Forward only: a wrong migration is mended by the next one.

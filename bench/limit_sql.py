"""The statements behind `bench.limit`: each builds a whole answer from the tables as JSON text."""

from collections.abc import Mapping
from typing import Final

_AGREEMENT: Final = """
    select json_build_object('id', c.conversation_id, 'organisation', o.name, 'caseworker', w.name,
        'heldOn', (c.held_at at time zone 'Europe/Copenhagen')::date, 'mode', c.mode,
        'agreementText', r.text)
    from conversation c
    join organisation o on o.organisation_id = c.organisation_id
    join caseworker w on w.caseworker_id = c.caseworker_id
    join lateral (select a.text from agreement_revision a
        where a.conversation_id = c.conversation_id order by a.revision desc limit 1) r on true
    where c.plan_id = p.plan_id
"""

OVERVIEW: Final = """
select json_build_object('data', json_build_object('citizen', json_build_object('plan',
    json_build_object(
    'type', p.plan_type,
    'version', (select d.number from plan_document d
        where d.plan_id = p.plan_id and d.audience = 'FULL'),
    'jobGoals', coalesce((select json_agg(json_build_object('id', j.job_goal_id,
            'text', coalesce(o.label, j.job_function_text), 'term', j.term, 'priority', j.priority,
            'confirmedBy', w.name) order by j.priority)
        from job_goal j
        join caseworker w on w.caseworker_id = j.confirmed_by
        left join occupation o on o.code = j.occupation_code
        where j.plan_id = p.plan_id), '[]'),
    'educationGoals', coalesce((select json_agg(json_build_object('id', e.education_goal_id,
            'educationName', e.education_name, 'priority', e.priority, 'agreedBy', w.name)
            order by e.priority)
        from education_goal e join caseworker w on w.caseworker_id = e.agreed_by
        where e.plan_id = p.plan_id), '[]'),
    'jobcenter', (<agreement> and c.authority = 'JOBCENTER'
        order by c.held_at desc, c.conversation_id desc limit 1),
    'fund', case when g.fund_agreement then (<agreement> and c.authority = 'UNEMPLOYMENT_FUND'
        order by c.held_at desc, c.conversation_id desc limit 1) end,
    'interventions', coalesce((select json_agg(json_build_object('id', i.intervention_id,
            'kind', i.kind, 'title', coalesce(s.timeline_label, k.timeline_label),
            'status', case when i.start_date > $2 then 'PLANNED' else 'ONGOING' end,
            'startDate', i.start_date, 'endDate', i.end_date, 'why', i.why, 'agreedWith', w.name,
            'agreedOrganisation', case when i.shows_organisation then o.name end,
            'origin', i.origin, 'writtenUnderPlanType', i.written_under_plan_type,
            'hiddenFromUnemploymentFund', k.hidden_from_fund)
            order by i.start_date, i.intervention_id)
        from intervention i
        join intervention_kind k on k.code = i.kind
        left join education_scheme s on s.code = i.scheme
        join caseworker w on w.caseworker_id = i.agreed_with
        join organisation o on o.organisation_id = w.organisation_id
        where i.plan_id = p.plan_id and i.cancelled_at is null
          and (i.end_date is null or i.end_date >= $2 or i.start_date > $2)), '[]'),
    'requirements', coalesce((select json_agg(json_build_object('id', r.requirement_id,
            'issuer', r.issuer, 'organisation', o.name, 'caseworker', w.name,
            'occupations', coalesce((select json_agg(json_build_object('code', z.code,
                    'label', z.label) order by q.position)
                from requirement_occupation q join occupation z on z.code = q.occupation_code
                where q.requirement_id = r.requirement_id), '[]'),
            'industries', r.industries, 'agreementText', r.agreement_text,
            'otherExpectations', r.other_expectations, 'expectedCount', r.expected_count,
            'validFrom', r.valid_from, 'validTo', r.valid_to)
            order by r.valid_from desc, r.requirement_id desc)
        from job_search_requirement r
        join organisation o on o.organisation_id = r.organisation_id
        join caseworker w on w.caseworker_id = r.caseworker_id
        where r.plan_id = p.plan_id), '[]'),
    'educationOrder', case when g.education_steps then (
        select json_build_object('currentStep', o.current_step, 'steps', coalesce((
            select json_agg(json_build_object('step', s.step, 'status', s.status,
                'deadline', s.deadline, 'caseworker', w.name)
                order by s.opened_at, s.education_step_id)
            from education_step s join caseworker w on w.caseworker_id = s.caseworker_id
            where s.plan_id = p.plan_id), '[]'))
        from education_order o where o.plan_id = p.plan_id) end
    ))))::text
from plan p
join target_group_period t on t.citizen_id = p.citizen_id and t.valid_to is null
join target_group g on g.code = t.target_group
where p.citizen_id = $1 and p.status = 'ACTIVE'
""".replace("<agreement>", _AGREEMENT)

CASELOAD: Final = """
select json_build_object('data', json_build_object('caseload', json_build_object('edges',
    coalesce(json_agg(json_build_object('node', json_build_object(
        'name', json_build_object('full', c.full_name),
        'plan', case when p.plan_id is not null then json_build_object(
            'type', p.plan_type,
            'interventions', coalesce((select json_agg(json_build_object(
                    'title', coalesce(s.timeline_label, k.timeline_label),
                    'status', case when i.start_date > $3 then 'PLANNED' else 'ONGOING' end,
                    'startDate', i.start_date, 'endDate', i.end_date, 'agreedWith', w.name)
                    order by i.start_date, i.intervention_id)
                from intervention i
                join intervention_kind k on k.code = i.kind
                left join education_scheme s on s.code = i.scheme
                join caseworker w on w.caseworker_id = i.agreed_with
                where i.plan_id = p.plan_id and i.cancelled_at is null
                  and (i.end_date is null or i.end_date >= $3 or i.start_date > $3)), '[]'),
            'meetings', coalesce((select json_agg(json_build_object('startsAt', m.starts_at,
                    'mode', m.mode, 'caseworker', m.caseworker_name, 'place', m.place)
                    order by m.starts_at, m.meeting_id)
                from meeting m where m.plan_id = p.plan_id), '[]')) end))
        order by c.full_name, c.citizen_id), '[]'))))::text
from (select citizen_id, full_name from citizen where municipality_code = $1
    order by full_name, citizen_id limit $2) c
left join plan p on p.citizen_id = c.citizen_id and p.status = 'ACTIVE'
"""

TINY: Final = """
select json_build_object('data', json_build_object('citizen', json_build_object('plan',
    json_build_object('type', p.plan_type, 'latestAgreement', (
        select json_build_object(
            'heldOn', (c.held_at at time zone 'Europe/Copenhagen')::date, 'caseworker', w.name,
            'agreementText', r.text)
        from conversation c
        join caseworker w on w.caseworker_id = c.caseworker_id
        join lateral (select a.text from agreement_revision a
            where a.conversation_id = c.conversation_id order by a.revision desc limit 1) r on true
        where c.plan_id = p.plan_id and c.authority = 'JOBCENTER'
        order by c.held_at desc, c.conversation_id desc limit 1)))))::text
from plan p where p.citizen_id = $1 and p.status = 'ACTIVE'
"""

STATEMENTS: Final[Mapping[str, str]] = {
    "Overview": OVERVIEW,
    "Caseload": CASELOAD,
    "Tiny": TINY,
}
"""By operation name."""

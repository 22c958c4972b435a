-- A handover package keeps what was handed over, as it was at its release.
-- depends: 0012_intervention

-- migrate: apply

-- What an institution is told of a youth, and nothing else of the plan (R104): who it is, the education
-- it was admitted to, the support that was agreed, and whom to ask in the jobcenter. UTF-8 of a JSON
-- object; the number stays encrypted in it. $1 plan
create function handover_body(wanted uuid) returns bytea language sql stable parallel safe as $$
    select convert_to(row_to_json(x)::text, 'UTF8') from (
        select json_build_object('given', c.given_name, 'middle', c.middle_name, 'surname', c.surname,
                'full', c.full_name) as citizen_name,
            encode(c.cpr_encrypted, 'base64') as civil_registration_number_encrypted,
            json_build_object('phone', c.phone, 'email', c.email) as citizen_contact,
            -- the date is that of the recorded admission, and of no other education
            (select json_build_object('goal', a.goal, 'institution', a.institution,
                    'start_date', case when a.application_id = o.admitted_application_id then o.start_date end)
                from education_application a
                where a.plan_id = o.plan_id and a.answer = 'ADMITTED'
                order by a.application_id is not distinct from o.admitted_application_id desc, a.position
                limit 1) as admission,
            (select json_build_object('assessed_on', n.assessed_on, 'has_need', n.has_need, 'text', n.text,
                    'interventions', coalesce((
                        select json_agg(json_build_object('label', coalesce(s.timeline_label, k.timeline_label),
                            'headline', i.headline, 'description', i.description, 'why', i.why)
                            order by i.start_date, i.intervention_id)
                        from support_need_intervention v
                        join intervention i on i.intervention_id = v.intervention_id
                        join intervention_kind k on k.code = i.kind
                        left join education_scheme s on s.code = i.scheme
                        where v.plan_id = n.plan_id), '[]'))
                from support_need n where n.plan_id = o.plan_id) as support_need,
            (select json_build_object('name', k.name, 'phone', k.phone, 'email', k.email)
                from institution_contact k where k.plan_id = o.plan_id) as institution_contact
        from education_order o
        join plan p on p.plan_id = o.plan_id
        join citizen c on c.citizen_id = p.citizen_id
        where o.plan_id = wanted
    ) x
$$;

-- Written at release: later changes of the plan never reach the institution. Packages released before
-- there was a body get what the plan says on the day of this migration.
alter table handover_package add column body bytea;
update handover_package set body = handover_body(plan_id);
alter table handover_package alter column body set not null;
alter table handover_package alter column body set storage external;

create index handover_package_of_institution
    on handover_package (institution_id, released_at desc, handover_package_id desc);

-- migrate: rollback
-- Forward only: a wrong migration is mended by the next one.

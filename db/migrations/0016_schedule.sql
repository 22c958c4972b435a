-- What falls due by the calendar: reminders, hand-overs, overdue first plans; counted unemployment.
-- depends: 0015_inbox

-- migrate: apply

-- What a system knows of the three months of a contact course (R15): hours of unemployment counted up to
-- the day before `counted_on`, or the day of the transition itself. Facts of another course do not count.
create table transition_fact (
    citizen_id uuid primary key references citizen on delete cascade,
    course_start date not null,
    counted_hours numeric(7, 2) check (counted_hours >= 0),
    counted_on date,
    transition_on date,
    check ((counted_hours is null) = (counted_on is null)),
    check (num_nonnulls(counted_hours, transition_on) >= 1)
);

-- What fell due and was dealt with, in the transaction that did it: the key is why nothing is done twice.
create table scheduled_event (
    citizen_id uuid not null references citizen on delete cascade,
    kind text not null check (kind in ('RESPONSIBILITY_CHANGED', 'MEMBERSHIP_BEGAN', 'MEMBERSHIP_ENDED',
        'FIRST_PLAN_OVERDUE', 'MEETING_REMINDER', 'STEP_DEADLINE_REMINDER', 'ACK_REMINDER')),
    -- the membership, meeting, step, plan or citizen that it is about
    subject_id uuid not null,
    -- for which time, day or version of the subject: one that is moved gets its own
    occasion text not null,
    -- the moment of the notice that it caused, if it caused one
    fired_at timestamptz not null,
    primary key (citizen_id, kind, subject_id, occasion)
);

create index meeting_to_come on meeting (starts_at) where status in ('PLANNED', 'CHANGED');
create index other_agreement_to_come on other_agreement (starts_at) where not cancelled;
create index education_step_waited_for on education_step (deadline) where status in ('OPEN', 'REOPENED');
create index offer_by_creation on intervention (created_at) where is_offer and cancelled_at is null;
create index responsibility_of_funds on case_responsibility (valid_from, valid_to)
    where authority = 'UNEMPLOYMENT_FUND';
create index membership_begin on membership (valid_from);
create index membership_end on membership (valid_to) where valid_to is not null;
create index inbox_office_tasks on inbox_item (citizen_id)
    where done_at is null and kind in ('MISSING_SOUGHT_JOB', 'FIRST_PLAN_OVERDUE');

-- Midnight in Copenhagen as the day begins.
create function copenhagen_midnight(day date) returns timestamptz language sql stable parallel safe as $$
    select day::timestamp at time zone 'Europe/Copenhagen'
$$;

-- The citizen, if the first plan of a dagpenge recipient should have been there before today (R27), as one
-- audience sees it: a fund that is responsible, or the jobcenter also after a fund that was. A plan that
-- was closed in the same contact course was there (R12). Where many are asked about, the body is taken
-- into the query.
create function first_plans_overdue(citizen uuid, seen_by audience, today date, days integer)
returns table (citizen_id uuid) language sql stable parallel safe as $$
    select c.citizen_id from citizen c
    join target_group_period t on t.citizen_id = c.citizen_id and t.valid_to is null
    join target_group g on g.code = t.target_group and g.fund_first_three_months
    join case_responsibility r on r.citizen_id = c.citizen_id and r.authority = 'UNEMPLOYMENT_FUND'
    where c.citizen_id = citizen
      and coalesce(c.contact_course_start, t.valid_from) + days < today
      and r.valid_from <= today
      and (r.valid_to is null or r.valid_to > case when seen_by = 'FUND' then today
              else coalesce(c.contact_course_start, t.valid_from) end)
      and not exists (select from plan p join plan_document d on d.plan_id = p.plan_id
          where p.citizen_id = c.citizen_id and d.audience = seen_by
            and (p.status = 'ACTIVE'
              or d.published_at >= copenhagen_midnight(coalesce(c.contact_course_start, t.valid_from))))
$$;

create function first_plan_is_overdue(citizen uuid, seen_by audience, today date, days integer)
returns boolean language sql stable parallel safe as $$
    select exists (select from first_plans_overdue(citizen, seen_by, today, days))
$$;

-- Where tasks about a citizen lie on a day, and as which audience their office sees the plan: with who is
-- responsible, with the jobcenter instead of a fund that may not see the plan (R88).
create function office_of_tasks(citizen uuid, today date)
returns table (organisation_id uuid, audience audience) language sql stable parallel safe as $$
    select o.organisation_id, case o.kind when 'UNEMPLOYMENT_FUND' then 'FUND' else 'FULL' end::audience
    from citizen c
    join target_group_period t on t.citizen_id = c.citizen_id and t.valid_to is null
    left join plan p on p.citizen_id = c.citizen_id and p.status = 'ACTIVE'
    join plan_type y on y.code = coalesce(p.plan_type, t.plan_type)
    left join case_responsibility r on r.citizen_id = c.citizen_id
        and r.valid_from <= today and (r.valid_to is null or r.valid_to > today)
        and (r.authority = 'JOBCENTER' or y.visible_to_fund)
    left join organisation home on home.kind = 'JOBCENTER' and home.code = c.municipality_code
    join organisation o on o.organisation_id = coalesce(r.organisation_id, home.organisation_id)
    where c.citizen_id = citizen
$$;

-- Whether what fell due is still so at a moment. A reminder is dropped where the citizen has not been
-- reached yet and the meeting, the step or the plan has moved on since.
create function still_stands(e scheduled_event, at timestamptz) returns boolean language sql stable parallel safe as $$
    select case e.kind
        when 'MEETING_REMINDER' then exists (
            select from meeting m join plan p on p.plan_id = m.plan_id and p.status = 'ACTIVE'
            where m.meeting_id = e.subject_id and m.status in ('PLANNED', 'CHANGED')
              and m.starts_at = e.occasion::timestamptz
              -- the message says "tomorrow"
              and copenhagen_date(m.starts_at) = copenhagen_date(at) + 1
        ) or exists (
            select from other_agreement o join plan p on p.plan_id = o.plan_id and p.status = 'ACTIVE'
            where o.other_agreement_id = e.subject_id and not o.cancelled
              and o.starts_at = e.occasion::timestamptz
              and copenhagen_date(o.starts_at) = copenhagen_date(at) + 1)
        when 'STEP_DEADLINE_REMINDER' then exists (
            select from education_step s join plan p on p.plan_id = s.plan_id and p.status = 'ACTIVE'
            where s.education_step_id = e.subject_id and s.status in ('OPEN', 'REOPENED')
              and s.deadline = e.occasion::date and s.deadline >= copenhagen_date(at)
              and has_element(p.citizen_id, 'EDUCATION_STEP'))
        when 'ACK_REMINDER' then exists (
            select from plan_document d join plan p on p.plan_id = d.plan_id and p.status = 'ACTIVE'
            where d.plan_id = e.subject_id and d.audience = 'FULL' and d.acknowledgement is null
              and not exists (select from acknowledgement a
                  where a.plan_id = d.plan_id and a.number >= e.occasion::integer)
        ) and exists (
            -- one of the offers that it reminds of still runs
            select from intervention i
            join plan_version v on v.plan_id = i.plan_id and v.audience = 'FULL' and v.number = e.occasion::integer
            where i.plan_id = e.subject_id and i.is_offer and i.cancelled_at is null
              and i.created_at <= v.published_at and (i.end_date is null or i.end_date >= copenhagen_date(at))
              and not exists (select from acknowledgement a
                  where a.plan_id = i.plan_id and a.acknowledged_at >= i.created_at))
        when 'RESPONSIBILITY_CHANGED' then exists (
            select from case_responsibility f
            where f.citizen_id = e.citizen_id and f.authority = 'UNEMPLOYMENT_FUND' and f.valid_to = e.occasion::date
        ) and exists (
            select from case_responsibility r
            where r.citizen_id = e.citizen_id and r.authority = 'JOBCENTER' and r.valid_from <= copenhagen_date(at)
              and (r.valid_to is null or r.valid_to > copenhagen_date(at)))
        when 'MEMBERSHIP_BEGAN' then exists (
            select from membership m
            where m.membership_id = e.subject_id and m.valid_from = e.occasion::date
              and m.valid_from <= copenhagen_date(at)
              and (m.valid_to is null or m.valid_to > copenhagen_date(at)))
        when 'MEMBERSHIP_ENDED' then exists (
            select from membership m
            where m.membership_id = e.subject_id and m.valid_to = e.occasion::date
              and not exists (select from membership x
                  where x.citizen_id = m.citizen_id and x.fund_id = m.fund_id
                    and x.valid_from <= copenhagen_date(at)
                    and (x.valid_to is null or x.valid_to > copenhagen_date(at))))
        when 'FIRST_PLAN_OVERDUE' then first_plan_is_overdue(e.citizen_id, 'FUND', copenhagen_date(at), 0) and exists (
            select from citizen c
            join target_group_period t on t.citizen_id = c.citizen_id and t.valid_to is null
            where c.citizen_id = e.citizen_id and coalesce(c.contact_course_start, t.valid_from) = e.occasion::date)
        else false end
$$;

-- Whether a notice that has not been sent yet is a reminder of nothing any more. Several reminders may
-- share one message (R127): it is sent while one of them stands.
create function is_overtaken(n notice, at timestamptz) returns boolean language sql stable parallel safe as $$
    select n.event in ('MEETING_REMINDER', 'STEP_DEADLINE_REMINDER', 'ACK_REMINDER') and not exists (
        select from scheduled_event e
        where e.citizen_id = n.citizen_id and e.kind = n.event and e.fired_at >= n.created_at
          and still_stands(e, at))
$$;

insert into organisation (kind, code, name) values ('SYSTEM', 'MINPLAN', 'Min Plan') on conflict do nothing;

-- migrate: rollback
-- Forward only: a wrong migration is mended by the next one.

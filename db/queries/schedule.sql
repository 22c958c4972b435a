-- name: due_handovers
-- Funds' periods that ended with the jobcenter responsible since. $1 today, $2 earliest end, not included
select f.citizen_id, f.citizen_id as subject_id, f.valid_to::text as occasion
from case_responsibility f
join case_responsibility r on r.citizen_id = f.citizen_id and r.authority = 'JOBCENTER'
    and r.valid_from <= $1 and (r.valid_to is null or r.valid_to > $1)
where f.authority = 'UNEMPLOYMENT_FUND' and f.valid_to <= $1 and f.valid_to > $2
  and not exists (
      select from case_responsibility x
      where x.citizen_id = f.citizen_id and x.authority = 'UNEMPLOYMENT_FUND'
        and x.valid_from >= f.valid_to and x.valid_from <= $1)
  and not exists (
      select from scheduled_event e
      where e.citizen_id = f.citizen_id and e.kind = 'RESPONSIBILITY_CHANGED'
        and e.subject_id = f.citizen_id and e.occasion = f.valid_to::text);

-- name: due_membership_beginnings
-- Memberships that have begun, with none of the same fund just before. $1 today, $2 earliest day, not included
select m.citizen_id, m.membership_id as subject_id, m.valid_from::text as occasion
from membership m
where m.valid_from <= $1 and m.valid_from > $2 and (m.valid_to is null or m.valid_to > $1)
  and not exists (
      select from membership x
      where x.citizen_id = m.citizen_id and x.fund_id = m.fund_id
        and x.valid_from < m.valid_from and (x.valid_to is null or x.valid_to >= m.valid_from))
  and not exists (
      select from scheduled_event e
      where e.citizen_id = m.citizen_id and e.kind = 'MEMBERSHIP_BEGAN'
        and e.subject_id = m.membership_id and e.occasion = m.valid_from::text);

-- name: due_membership_ends
-- Memberships that have ended, with none of the same fund after them. $1 today, $2 earliest end, not included
select m.citizen_id, m.membership_id as subject_id, m.valid_to::text as occasion
from membership m
where m.valid_to <= $1 and m.valid_to > $2
  and not exists (
      select from membership x
      where x.citizen_id = m.citizen_id and x.fund_id = m.fund_id
        and x.valid_from <= $1 and (x.valid_to is null or x.valid_to > $1))
  and not exists (
      select from scheduled_event e
      where e.citizen_id = m.citizen_id and e.kind = 'MEMBERSHIP_ENDED'
        and e.subject_id = m.membership_id and e.occasion = m.valid_to::text);

-- name: fund_of_membership
-- $1 membership
select o.code from membership m join organisation o on o.organisation_id = m.fund_id where m.membership_id = $1;

-- name: due_first_plans
-- Funds' members whose first plan is overdue (R27). $1 today, $2 days from the start of the course
with late as materialized (
    select c.citizen_id, coalesce(c.contact_course_start, t.valid_from)::text as occasion
    from case_responsibility r
    join citizen c on c.citizen_id = r.citizen_id
    join target_group_period t on t.citizen_id = c.citizen_id and t.valid_to is null
    where r.authority = 'UNEMPLOYMENT_FUND'
      and r.valid_from <= $1 and (r.valid_to is null or r.valid_to > $1)
      and coalesce(c.contact_course_start, t.valid_from) + $2::integer < $1
      and not exists (select from plan p join plan_document d on d.plan_id = p.plan_id
          where p.citizen_id = c.citizen_id and d.audience = 'FUND'
            and (p.status = 'ACTIVE'
              or d.published_at >= copenhagen_midnight(coalesce(c.contact_course_start, t.valid_from))))
)
select l.citizen_id, l.citizen_id as subject_id, l.occasion
from late l
where first_plan_is_overdue(l.citizen_id, 'FUND', $1, $2)
  and not exists (
      select from scheduled_event e
      where e.citizen_id = l.citizen_id and e.kind = 'FIRST_PLAN_OVERDUE' and e.subject_id = l.citizen_id
        and e.occasion = l.occasion);

-- name: due_meeting_reminders
-- Meetings and other agreements that begin within the bounds. $1 from, $2 until
with near as (
    select m.plan_id, m.meeting_id as subject_id, m.starts_at
    from meeting m
    where m.status in ('PLANNED', 'CHANGED') and m.starts_at >= $1 and m.starts_at < $2
    union all
    select o.plan_id, o.other_agreement_id, o.starts_at
    from other_agreement o
    where not o.cancelled and o.starts_at >= $1 and o.starts_at < $2
), told as (
    select n.*, to_char(n.starts_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as occasion from near n
)
select d.citizen_id, n.subject_id, n.occasion
from told n
join plan p on p.plan_id = n.plan_id and p.status = 'ACTIVE'
join plan_document d on d.plan_id = n.plan_id and d.audience = 'FULL'
where not exists (
    select from scheduled_event e
    where e.citizen_id = d.citizen_id and e.kind = 'MEETING_REMINDER' and e.subject_id = n.subject_id
      and e.occasion = n.occasion);

-- name: due_step_reminders
-- Open steps with a deadline within the bounds; not those opened today, of which the citizen has just
-- been told. $1 first and $2 last deadline
select d.citizen_id, s.education_step_id as subject_id, s.deadline::text as occasion
from education_step s
join plan p on p.plan_id = s.plan_id and p.status = 'ACTIVE'
join plan_document d on d.plan_id = s.plan_id and d.audience = 'FULL'
where s.status in ('OPEN', 'REOPENED') and s.deadline between $1 and $2
  and s.opened_at < copenhagen_midnight($1)
  and has_element(d.citizen_id, 'EDUCATION_STEP')
  and not exists (
      select from scheduled_event e
      where e.citizen_id = d.citizen_id and e.kind = 'STEP_DEADLINE_REMINDER'
        and e.subject_id = s.education_step_id and e.occasion = s.deadline::text);

-- name: due_acknowledgement_reminders
-- Plans with offers published within the bounds, of which neither the version that brought the newest of
-- them nor a later one has a receipt. A reminder that was sent since an offer was due was of it, too.
-- $1 from, $2 until, $3 today, $4 days from publication
with late as materialized (
    select p.citizen_id, i.plan_id, i.created_at
    from intervention i
    join plan p on p.plan_id = i.plan_id and p.status = 'ACTIVE'
    where i.is_offer and i.cancelled_at is null and i.created_at >= $1 and i.created_at < $2
      and (i.end_date is null or i.end_date >= $3)
      -- only a current version is acknowledged: a receipt after the offer is of it, too
      and not exists (select from acknowledgement a
          where a.plan_id = i.plan_id and a.acknowledged_at >= i.created_at)
      and not exists (
          select from scheduled_event e
          where e.citizen_id = p.citizen_id and e.kind = 'ACK_REMINDER' and e.subject_id = i.plan_id
            and e.fired_at >= copenhagen_midnight(copenhagen_date(i.created_at) + $4::integer))
)
select d.citizen_id, d.plan_id as subject_id, max(v.number)::text as occasion
from late i
join plan_document d on d.plan_id = i.plan_id and d.audience = 'FULL' and d.acknowledgement is null
join lateral (
    select min(number) as number from plan_version
    where plan_id = i.plan_id and audience = 'FULL' and published_at >= i.created_at
) v on v.number is not null
group by d.citizen_id, d.plan_id;

-- name: due_office_tasks
-- Citizens with a task that lies with an authority that is not responsible (any more), or that is about
-- a first plan which is not overdue any more. $1 today, $2 days for the first plan
select distinct i.citizen_id, i.citizen_id as subject_id, '' as occasion
from inbox_item i
join office_of_tasks(i.citizen_id, $1) o on true
where i.done_at is null and i.kind in ('MISSING_SOUGHT_JOB', 'FIRST_PLAN_OVERDUE')
  and (i.organisation_id <> o.organisation_id
    or (i.kind = 'FIRST_PLAN_OVERDUE'
      and not exists (select from first_plans_overdue(i.citizen_id, o.audience, $1, $2))));

-- name: settle_first_plan_tasks
-- The task for a first plan that is not overdue any more, as its authority sees it, is done with.
-- $1 citizen, $2 now, $3 today, $4 days for the first plan
update inbox_item i set done_at = $2
from organisation own, office_of_tasks($1, $3) o
where i.citizen_id = $1 and i.done_at is null and i.kind = 'FIRST_PLAN_OVERDUE'
  and own.organisation_id = i.organisation_id
  and not first_plan_is_overdue($1, o.audience, $3, $4)
returning own.kind;

-- name: settle_doubled_tasks
-- Of the same task at several authorities one stays open: that of the responsible authority, or else
-- the newest, which follows to it. $1 citizen, $2 now, $3 today
update inbox_item i set done_at = $2
from organisation own, office_of_tasks($1, $3) o
where i.citizen_id = $1 and i.done_at is null and i.kind in ('MISSING_SOUGHT_JOB', 'FIRST_PLAN_OVERDUE')
  and own.organisation_id = i.organisation_id and i.organisation_id <> o.organisation_id
  and exists (select from inbox_item x
      where (x.organisation_id = o.organisation_id or x.inbox_item_id > i.inbox_item_id)
        and x.citizen_id = $1 and x.kind = i.kind
        and x.done_at is null and x.subject_id is not distinct from i.subject_id)
returning own.kind;

-- name: move_office_tasks
-- Open tasks follow to the authority that is responsible. $1 citizen, $2 today
update inbox_item i set organisation_id = o.organisation_id
from organisation own, office_of_tasks($1, $2) o
where i.citizen_id = $1 and i.done_at is null and i.kind in ('MISSING_SOUGHT_JOB', 'FIRST_PLAN_OVERDUE')
  and own.organisation_id = i.organisation_id and i.organisation_id <> o.organisation_id
returning own.kind as from_kind, case o.audience when 'FUND' then 'UNEMPLOYMENT_FUND' else 'JOBCENTER' end as to_kind;

-- name: fire_event
-- Notes that something is dealt with, under the citizen's lock; nothing when somebody else did, or when
-- it is not so any more. $1 citizen, $2 kind, $3 subject, $4 occasion, $5 now
insert into scheduled_event
select e.* from (select $1::uuid, $2::text, $3::uuid, $4::text, $5::timestamptz) v (c, k, s, o, t)
cross join lateral (select (row(v.c, v.k, v.s, v.o, v.t)::scheduled_event).*) e
where still_stands(row(e.citizen_id, e.kind, e.subject_id, e.occasion, e.fired_at)::scheduled_event, $5)
on conflict do nothing
returning true;

-- name: note_handover
-- A hand-over that is told otherwise, or never was to be told. $1 citizen, $2 day, $3 now
insert into scheduled_event (citizen_id, kind, subject_id, occasion, fired_at)
values ($1, 'RESPONSIBILITY_CHANGED', $1, $2::date::text, $3)
on conflict do nothing;

-- name: transition_fact
-- What a system sent of the three months of the present contact course. $1 citizen, $2 its start
select f.counted_hours, f.counted_on, f.transition_on from transition_fact f
where f.citizen_id = $1 and f.course_start = $2;

-- name: store_transition_fact
-- $1 citizen, $2 start of the contact course, $3 hours, $4 counted on, $5 day of the transition
insert into transition_fact as f (citizen_id, course_start, counted_hours, counted_on, transition_on)
values ($1, $2, $3, $4, $5)
on conflict (citizen_id) do update
set (course_start, counted_hours, counted_on, transition_on) =
    (excluded.course_start, excluded.counted_hours, excluded.counted_on, excluded.transition_on);

-- name: wait_briefly_for_locks
-- For work without a user: whoever holds a row longer is not waited for, the next round comes.
-- $1 milliseconds
select set_config('lock_timeout', $1, true);

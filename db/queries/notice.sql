-- name: write_notice
-- A message that still waits for the citizen on a channel tells of this notice, too: its row is locked until the
-- change is committed, so that nobody claims it in between. $1 citizen, $2 plan, $3 event, $4 version, $5 now,
-- $6 today, $7 due at, $8 what the event is about
with notice as (
    insert into notice (citizen_id, plan_id, event, version, created_at, subject_id)
    values ($1, $2, $3, $4, $5, $8)
    returning notice_id
),
message as (
    insert into delivery (citizen_id, channel, ready_at, due_at)
    select $1, c.channel, $7, $7
    from notification_preference p
    cross join lateral (values ('SMS', p.sms and p.sms_verified_at is not null),
        ('EMAIL', p.email and p.email_verified_at is not null)) c (channel, wanted)
    where p.citizen_id = $1 and c.wanted
        and not is_exempt($1, $6)
    on conflict (citizen_id, channel)
        where status in ('PENDING', 'RETRYING') and contact_code_id is null and decision is null
        -- what is tried again already gets another day for what joins it
        do update set retried_at = case delivery.status when 'RETRYING' then $5 else delivery.retried_at end
    returning delivery_id, channel
),
told as (
    insert into delivery_notice (notice_id, channel, delivery_id)
    select n.notice_id, m.channel, m.delivery_id from notice n, message m
)
select (select notice_id from notice), array(select delivery_id from message) as deliveries;

-- name: list_notices
-- Newest first. What happened to a message before the notice joined it is not about the notice.
-- $1 citizen, $2 below this id (null: from the newest), $3 unseen only, $4 rows
select n.notice_id as id, n.event, n.version, n.created_at, n.seen_at,
    coalesce((select json_agg(json_build_object('channel', d.channel,
        'status', case when x.withdrawn is null then d.status else 'DROPPED' end,
        'accepted_at', case when x.withdrawn is null and d.accepted_at >= n.created_at then d.accepted_at end,
        'settled_at', case when d.settled_at >= n.created_at then d.settled_at end) order by d.channel)
        from delivery_notice x join delivery d using (delivery_id)
        where x.notice_id = n.notice_id), '[]')::text as deliveries
from notice n
where n.citizen_id = $1 and ($2::uuid is null or n.notice_id < $2) and (not $3 or n.seen_at is null)
order by n.notice_id desc
limit $4;

-- name: list_notices_after
-- As `list_notices`, oldest first, for a live view that saw $2 last (null: none missed). $1 citizen, $3 rows
select n.notice_id as id, n.event, n.version, n.created_at, n.seen_at,
    coalesce((select json_agg(json_build_object('channel', d.channel,
        'status', case when x.withdrawn is null then d.status else 'DROPPED' end,
        'accepted_at', case when x.withdrawn is null and d.accepted_at >= n.created_at then d.accepted_at end,
        'settled_at', case when d.settled_at >= n.created_at then d.settled_at end) order by d.channel)
        from delivery_notice x join delivery d using (delivery_id)
        where x.notice_id = n.notice_id), '[]')::text as deliveries
from notice n
where n.citizen_id = $1 and ($2::uuid is null or n.notice_id > $2)
order by n.notice_id
limit $3;

-- name: newest_notice
-- $1 citizen
select notice_id from notice where citizen_id = $1 order by notice_id desc limit 1;

-- name: mark_notices_seen
-- $1 citizen, $2 ids (null: all), $3 now
update notice set seen_at = $3
where citizen_id = $1 and seen_at is null and ($2::uuid[] is null or notice_id = any ($2))
returning notice_id;

-- name: list_delivery_steps
-- What happened to the messages that tell of notices, oldest first: from the notice on, when it began to wait,
-- how each attempt ended, what a provider told later, and how the message was settled. One that was withdrawn
-- was dropped, whatever the message went on to tell. $1 notices
with told as materialized (
    select x.notice_id, x.channel, x.withdrawn, n.created_at, d
    from delivery_notice x
    join notice n using (notice_id)
    join delivery d using (delivery_id)
    where x.notice_id = any ($1::uuid[])
),
step (notice_id, channel, state, at, place) as (
    select notice_id, channel, 'PENDING', created_at, 1 from told
    union all
    select t.notice_id, t.channel, case
            when a.outcome is null then 'CLAIMED'
            when a.outcome = 'ACCEPTED' then 'SENT'
            when a.outcome = 'REFUSED' then 'FAILED'
            when a.outcome in ('UNCERTAIN', 'LOST') then 'UNCERTAIN'
            else 'RETRYING' end,
        coalesce(a.ended_at, a.begun_at), 2
    from told t
    join delivery_attempt a on a.delivery_id = (t.d).delivery_id and a.begun_at >= t.created_at
    where t.withdrawn is null
        -- the attempt that settled the message reads as what the message is
        and ((t.d).status not in ('FAILED', 'EXPIRED', 'DROPPED') or a.ended_at is distinct from (t.d).settled_at)
    union all
    select t.notice_id, t.channel, case r.verdict when 'ACCEPTED' then 'SENT' else r.verdict end, r.received_at, 3
    from told t
    join delivery_attempt a on a.delivery_id = (t.d).delivery_id and a.begun_at >= t.created_at
    join delivery_receipt r on r.delivery_id = a.delivery_id and r.number = a.number
    where t.withdrawn is null
        -- what comes late does not undo a final word
        and not exists (select from delivery_receipt f
            where f.delivery_id = r.delivery_id and f.number = r.number and f.received_at <= r.received_at
                and (r.verdict = 'ACCEPTED' and f.verdict <> 'ACCEPTED'
                    or r.verdict = 'FAILED' and f.verdict = 'EXPIRED'))
        -- nor does a refusal count once the message is to be sent again
        and (r.verdict not in ('FAILED', 'EXPIRED')
            or coalesce(greatest((t.d).retried_at, case (t.d).decision when 'RESEND' then (t.d).decided_at end)
                not between a.begun_at and r.received_at, true))
    union all
    -- an operator's wish; a notice that joins what is tried again moves the same time
    select notice_id, channel, 'RETRYING', (d).retried_at, 4 from told
    where withdrawn is null and (d).retried_at > created_at
        and (exists (select from delivery_attempt a where a.delivery_id = (d).delivery_id
                and a.begun_at >= created_at and a.begun_at < (d).retried_at)
            or not exists (select from delivery_notice y join notice m using (notice_id)
                where y.delivery_id = (d).delivery_id and m.created_at = (d).retried_at))
    union all
    select notice_id, channel, case when withdrawn is null then (d).status else 'DROPPED' end, (d).settled_at, 5
    from told
    where (d).settled_at >= created_at
        and (withdrawn is not null or (d).status in ('DELIVERED', 'FAILED', 'DROPPED', 'EXPIRED'))
)
select notice_id, channel, state, at from step order by notice_id, channel, at, place;

-- name: list_told_as_jobcenter
-- That the citizen was told, newest first; of a message only what happened since the notice.
-- $1 citizen, $2 below this notice (null: from the newest), $3 rows
select n.notice_id as id, n.event, n.version, v.trigger, n.created_at,
    coalesce((select json_agg(json_build_object('channel', d.channel, 'status', d.status,
        'withdrawn', x.withdrawn is not null,
        'sent_at', case when d.accepted_at >= n.created_at then d.accepted_at end,
        'settled_at', case when d.settled_at >= n.created_at then d.settled_at end) order by d.channel)
        from delivery_notice x join delivery d using (delivery_id)
        where x.notice_id = n.notice_id), '[]')::text as deliveries
from notice n
left join plan_version v on v.plan_id = n.plan_id and v.audience = 'FULL' and v.number = n.version
where n.citizen_id = $1 and ($2::uuid is null or n.notice_id < $2)
order by n.notice_id desc
limit $3;

-- name: list_told_as_fund
-- The same as a fund may know it, as if nothing hidden existed: of plans that it may see now, on days of its own
-- responsibility, and only where a version of its own or a meeting of its own is reason enough to tell. A
-- conversation of the jobcenter is, a correction of it need not be: with something hidden in the same operation
-- the notice would tell of that. Nor is a plan that a group opens. What the notice says may be about what is
-- hidden; the version's trigger is not.
-- $1 citizen, $2 below this notice (null: from the newest), $3 rows, $4 the fund's code, $5 today
with own as materialized (
    select r.organisation_id, r.valid_from, r.valid_to
    from case_responsibility r
    join organisation o on o.organisation_id = r.organisation_id
    where r.citizen_id = $1 and o.kind = 'UNEMPLOYMENT_FUND' and o.code = $4
)
select n.notice_id as id, v.number as version, coalesce(v.trigger, 'MEETING') as trigger, n.created_at,
    coalesce((select json_agg(json_build_object('channel', d.channel, 'status', d.status,
        'withdrawn', x.withdrawn is not null,
        'sent_at', case when d.accepted_at >= n.created_at then d.accepted_at end,
        'settled_at', case when d.settled_at >= n.created_at then d.settled_at end) order by d.channel)
        from delivery_notice x join delivery d using (delivery_id)
        where x.notice_id = n.notice_id), '[]')::text as deliveries
from notice n
join plan p on p.plan_id = n.plan_id
join plan_type t on t.code = p.plan_type and t.visible_to_fund
-- one version of the operation; another one would be of an operation at the same instant
left join lateral (
    select f.number, f.trigger from plan_version f
    where f.plan_id = n.plan_id and f.audience = 'FUND' and f.visible and f.published_at = n.created_at
    order by f.number limit 1) v on true
where n.citizen_id = $1 and ($2::uuid is null or n.notice_id < $2)
    and exists (select from own where valid_from <= $5 and (valid_to is null or valid_to > $5))
    and exists (select from own where valid_from <= copenhagen_date(n.created_at)
        and (valid_to is null or valid_to > copenhagen_date(n.created_at)))
    and case
        when v.trigger = 'CONVERSATION' then exists (
            select from conversation c
            where c.plan_id = n.plan_id and not hidden_from_fund(c)
                and (c.registered_at = n.created_at or c.authority = 'UNEMPLOYMENT_FUND' and exists (
                    select from agreement_revision a
                    where a.conversation_id = c.conversation_id and a.written_at = n.created_at)))
        when v.trigger = 'TARGET_GROUP' then v.number > 1
        when v.trigger is not null then true
        else n.event = 'MEETING_REMINDER' and exists (
            select from scheduled_event e
            join meeting m on m.meeting_id = e.subject_id
            join own on own.organisation_id = m.organisation_id
            where e.citizen_id = n.citizen_id and e.kind = n.event and e.fired_at = n.created_at)
    end
order by n.notice_id desc
limit $3;

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
        and not exists (select from digital_exemption
            where citizen_id = $1 and valid_from <= $6 and (valid_to is null or valid_to > $6))
    on conflict (citizen_id, channel)
        where status in ('PENDING', 'RETRYING') and contact_code_id is null and decision is null
        do update set citizen_id = excluded.citizen_id
    returning delivery_id, channel
),
told as (
    insert into delivery_notice (notice_id, channel, delivery_id)
    select n.notice_id, m.channel, m.delivery_id from notice n, message m
)
select (select notice_id from notice), array(select delivery_id from message) as deliveries;

-- name: list_notices
-- Newest first. $1 citizen, $2 below this id (null: from the newest), $3 unseen only, $4 rows
select n.notice_id as id, n.event, n.version, n.created_at, n.seen_at,
    coalesce((select json_agg(json_build_object('channel', d.channel,
        'status', case when x.withdrawn is null then d.status else 'DROPPED' end,
        'settled_at', d.settled_at) order by d.channel)
        from delivery_notice x join delivery d using (delivery_id)
        where x.notice_id = n.notice_id), '[]')::text as deliveries
from notice n
where n.citizen_id = $1 and ($2::uuid is null or n.notice_id < $2) and (not $3 or n.seen_at is null)
order by n.notice_id desc
limit $4;

-- name: list_notices_after
-- Oldest first, for a live view that saw $2 last (null: none missed). $1 citizen, $3 rows
select n.notice_id as id, n.event, n.version, n.created_at, n.seen_at,
    coalesce((select json_agg(json_build_object('channel', d.channel,
        'status', case when x.withdrawn is null then d.status else 'DROPPED' end,
        'settled_at', d.settled_at) order by d.channel)
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

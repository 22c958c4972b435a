-- name: write_notice
-- $1 citizen, $2 plan, $3 event, $4 version, $5 now, $6 today, $7 due at,
-- $8 key of the SMS text, $9 of the e-mail
with notice as (
    insert into notice (citizen_id, plan_id, event, version, created_at)
    values ($1, $2, $3, $4, $5)
    returning notice_id
),
exempt as (
    select exists (
        select from digital_exemption
        where citizen_id = $1 and valid_from <= $6 and (valid_to is null or valid_to > $6)
    ) as yes
),
delivery as (
    insert into delivery (notice_id, citizen_id, channel, text_key, due_at)
    select n.notice_id, $1, c.channel, c.text_key, $7
    from notice n
    cross join exempt e
    join notification_preference p on p.citizen_id = $1
    cross join lateral (values ('SMS', p.sms and p.sms_verified_at is not null, $8),
        ('EMAIL', p.email and p.email_verified_at is not null, $9)) c (channel, wanted, text_key)
    where c.wanted and not e.yes
    on conflict (citizen_id, channel, text_key) where status = 'PENDING' do nothing
    returning delivery_id
)
select (select notice_id from notice), array(select delivery_id from delivery) as deliveries;

-- name: list_notices
-- Newest first. $1 citizen, $2 below this id (null: from the newest), $3 unseen only, $4 rows
select n.notice_id as id, n.event, n.version, n.created_at, n.seen_at,
    coalesce((select json_agg(json_build_object('channel', d.channel, 'status', d.status,
        'settled_at', d.settled_at) order by d.channel)
        from delivery d where d.notice_id = n.notice_id), '[]')::text as deliveries
from notice n
where n.citizen_id = $1 and ($2::uuid is null or n.notice_id < $2) and (not $3 or n.seen_at is null)
order by n.notice_id desc
limit $4;

-- name: list_notices_after
-- Oldest first, for a live view that saw $2 last (null: none missed). $1 citizen, $3 rows
select n.notice_id as id, n.event, n.version, n.created_at, n.seen_at,
    coalesce((select json_agg(json_build_object('channel', d.channel, 'status', d.status,
        'settled_at', d.settled_at) order by d.channel)
        from delivery d where d.notice_id = n.notice_id), '[]')::text as deliveries
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

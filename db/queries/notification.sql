-- name: notification_preference
-- $1 citizen
select sms, sms_number, sms_verified_at is not null as sms_verified,
    email, email_address, email_verified_at is not null as email_verified, updated_at
from notification_preference where citizen_id = $1;

-- name: store_notification_preference
-- Another number or address is not verified. $1 citizen, $2 sms, $3 number, $4 e-mail, $5 address, $6 now
insert into notification_preference as p (citizen_id, sms, sms_number, email, email_address, updated_at)
values ($1, $2, $3, $4, $5, $6)
on conflict (citizen_id) do update
set (sms, sms_number, email, email_address, updated_at) =
    (excluded.sms, excluded.sms_number, excluded.email, excluded.email_address, excluded.updated_at),
    sms_verified_at = case when p.sms_number = excluded.sms_number then p.sms_verified_at end,
    email_verified_at = case when p.email_address = excluded.email_address then p.email_verified_at end;

-- name: count_own_notices
-- How many of the notices are the citizen's. $1 citizen, $2 ids
select count(*) from notice where citizen_id = $1 and notice_id = any ($2);

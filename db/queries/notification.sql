-- name: notification_preference
-- $1 citizen
select sms, sms_number, email, email_address, updated_at
from notification_preference where citizen_id = $1;

-- name: store_notification_preference
-- $1 citizen, $2 sms, $3 number, $4 e-mail, $5 address, $6 now
insert into notification_preference as p (citizen_id, sms, sms_number, email, email_address, updated_at)
values ($1, $2, $3, $4, $5, $6)
on conflict (citizen_id) do update
set (sms, sms_number, email, email_address, updated_at) =
    (excluded.sms, excluded.sms_number, excluded.email, excluded.email_address, excluded.updated_at);

-- name: count_own_notices
-- How many of the notices are the citizen's. $1 citizen, $2 ids
select count(*) from notice where citizen_id = $1 and notice_id = any ($2);

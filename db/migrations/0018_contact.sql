-- Contact data are verified by a one-time code before they are used.
-- depends: 0017_outbound

-- migrate: apply
alter table notification_preference
    add sms_verified_at timestamptz,
    add email_verified_at timestamptz,
    add check (sms_verified_at is null or sms_number is not null),
    add check (email_verified_at is null or email_address is not null);

-- An address that a message has reached since it was given is in use already.
update notification_preference p
set sms_verified_at = case when p.sms and r.sms >= p.updated_at then r.sms end,
    email_verified_at = case when p.email and r.email >= p.updated_at then r.email end
from (
    select citizen_id,
        max(settled_at) filter (where channel = 'SMS') as sms,
        max(settled_at) filter (where channel = 'EMAIL') as email
    from delivery
    where status = 'SENT'
    group by citizen_id
) r
where r.citizen_id = p.citizen_id;

-- A code that a citizen asked for. The worker draws it when it sends it; only its keyed hash is kept.
create table contact_code (
    contact_code_id uuid primary key default uuidv7(),
    citizen_id uuid not null references citizen on delete cascade,
    channel text not null check (channel in ('SMS', 'EMAIL')),
    asked_at timestamptz not null,
    code_hash bytea check (length(code_hash) = 32),
    expires_at timestamptz,
    -- used, replaced, or its address was changed or turned off
    ended_at timestamptz,
    check ((code_hash is null) = (expires_at is null)),
    check (ended_at is null or code_hash is null)
);
create unique index contact_code_open on contact_code (citizen_id, channel) where ended_at is null;
create index contact_code_asked on contact_code (citizen_id, channel, asked_at);

-- Tries are counted outside of the operation that tries: its refusal must not undo them. Nothing else
-- writes here, so that the count never waits for the operation it is taken for.
create table contact_try (
    contact_code_id uuid primary key references contact_code on delete cascade,
    tries smallint not null
);

-- The message with a code belongs to no notice, and never reads as another one does.
alter table delivery
    alter column notice_id drop not null,
    alter column text_key drop not null,
    add contact_code_id uuid references contact_code on delete cascade,
    add check ((notice_id is null) = (contact_code_id is not null)),
    add check ((text_key is null) = (contact_code_id is not null));
create index delivery_of_code on delivery (contact_code_id) where contact_code_id is not null;
create index delivery_code_open on delivery (channel, due_at)
    where contact_code_id is not null and status in ('PENDING', 'CLAIMED');

-- migrate: rollback
-- Forward only: a wrong migration is mended by the next one.

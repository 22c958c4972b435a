-- What must be told: notices, deliveries, tasks, events; and who read what.
-- depends: 0008_intervention_document

-- migrate: apply
create table notice (
    notice_id uuid primary key default uuidv7(),
    citizen_id uuid not null references citizen on delete cascade,
    plan_id uuid references plan on delete cascade,
    -- the most specific event of the operation (DOMAIN section 9); texts are found by it
    event text not null,
    -- the version of the full document that the notice tells of
    version integer,
    created_at timestamptz not null,
    seen_at timestamptz
);
create index notice_of_citizen on notice (citizen_id, notice_id desc);
create index notice_unseen on notice (citizen_id) where seen_at is null;

-- One row per channel of a notice: the truth of what must be sent; arq only wakes the worker.
create table delivery (
    delivery_id uuid primary key default uuidv7(),
    notice_id uuid not null references notice on delete cascade,
    citizen_id uuid not null,
    channel text not null check (channel in ('SMS', 'EMAIL')),
    status text not null default 'PENDING'
        check (status in ('PENDING', 'CLAIMED', 'SENT', 'UNCERTAIN', 'FAILED', 'DROPPED')),
    text_key text not null,
    due_at timestamptz not null,
    -- attempts whose outcome is known
    attempts smallint not null default 0,
    first_tried_at timestamptz,
    -- the worker that holds the row says so by the number of its claim; a claim without an outcome
    -- runs out, and counts as lost: claim - attempts, less the one that runs
    claimed_until timestamptz,
    claim smallint not null default 0,
    settled_at timestamptz,
    provider_id text,
    outcome text,
    unique (notice_id, channel)
);
create index delivery_open on delivery (channel, due_at) where status in ('PENDING', 'CLAIMED');
-- R127: an identical message that still waits is not repeated
create unique index delivery_identical on delivery (citizen_id, channel, text_key) where status = 'PENDING';

create table letter_task (
    letter_task_id uuid primary key default uuidv7(),
    plan_id uuid not null references plan on delete cascade,
    version integer not null,
    created_at timestamptz not null,
    status text not null default 'OPEN' check (status in ('OPEN', 'SENT')),
    sent_at timestamptz,
    sent_by uuid references caseworker,
    unique (plan_id, version)
);

-- Whether the fund's own document got a version, too, in the operation that a letter tells of.
create function fund_knows(l letter_task) returns boolean language sql stable parallel safe as $$
    select exists (select from plan_version v
        where v.plan_id = l.plan_id and v.audience = 'FUND' and v.visible and v.published_at = l.created_at)
$$;

create table inbox_item (
    inbox_item_id uuid primary key default uuidv7(),
    organisation_id uuid not null references organisation,
    citizen_id uuid not null references citizen on delete cascade,
    kind text not null,
    subject_id uuid,
    created_at timestamptz not null,
    done_at timestamptz,
    done_by uuid references caseworker
);
create index inbox_of_organisation on inbox_item (organisation_id, inbox_item_id desc) where done_at is null;
create unique index inbox_item_once on inbox_item (organisation_id, citizen_id, kind)
    where done_at is null and subject_id is null;

create table system_event (
    system_event_id uuid primary key default uuidv7(),
    receiver uuid references organisation,
    citizen_id uuid not null references citizen on delete cascade,
    kind text not null,
    version integer,
    codes text[] not null default '{}',
    created_at timestamptz not null
);

-- Append only (R149). No foreign keys and an identity key: one cheap insert on the read path.
create table access_log (
    access_log_id bigint generated always as identity primary key,
    at timestamptz not null,
    subject text not null,
    name text not null,
    role text not null,
    organisation_code text not null,
    citizen_id uuid not null,
    operation text not null,
    elements text[] not null,
    written boolean not null,
    reason text
);
create index access_log_of_citizen on access_log (citizen_id, access_log_id desc);
create trigger access_log_is_append_only before update or delete on access_log
    for each row execute function refuse_change();

-- migrate: rollback
-- Forward only: a wrong migration is mended by the next one.

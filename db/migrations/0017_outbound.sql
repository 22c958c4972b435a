-- What the common data base (DFDG) is told: system events become rows that must be sent.
-- depends: 0016_schedule

-- migrate: apply
alter table system_event
    -- of PLAN_PUBLISHED: which plan, its version in the full document, and why it was published
    add column plan_id uuid,
    add column trigger text,
    -- null: nobody listened when it was written, and it is never sent
    add column status text check (status in ('PENDING', 'CLAIMED', 'DELIVERED', 'DEAD')),
    add column due_at timestamptz,
    -- attempts whose outcome is known; claims are numbered as those of `delivery` are
    add column attempts smallint not null default 0,
    add column first_tried_at timestamptz,
    add column claimed_until timestamptz,
    add column claim smallint not null default 0,
    add column settled_at timestamptz,
    add column outcome text,
    -- The order of a citizen's events: whoever writes one holds the lock on the citizen's row, so
    -- the later one always has the higher number.
    add column ordinal bigint generated always as identity,
    add constraint system_event_can_be_sent check (status is null or due_at is not null),
    add constraint system_event_of_plan check (
        case kind when 'PLAN_PUBLISHED'
            then receiver is null and plan_id is not null and version is not null and trigger is not null
            else receiver is not null and plan_id is null and version is null and trigger is null end),
    -- Codes and nothing else: no text, name or number of a person can be written as one.
    add constraint system_event_holds_codes check (
        kind ~ '^[A-Z][A-Z_]*$' and trigger ~ '^[A-Z][A-Z_]*$' and array_position(codes, null) is null
        -- an element with anything else in it is written in quotes
        and codes::text ~ '^\{([A-Z][A-Z0-9_]*(,[A-Z][A-Z0-9_]*)*)?\}$');

create index system_event_due on system_event (due_at) where status in ('PENDING', 'CLAIMED');
create index system_event_open on system_event (citizen_id, ordinal) where status in ('PENDING', 'CLAIMED');
create index system_event_dead on system_event (ordinal) where status = 'DEAD';

-- migrate: rollback
-- Forward only: a wrong migration is mended by the next one.

-- What operations measures of the ledger, and what is not kept for ever.
-- depends: 0020_ledger

-- migrate: apply

-- Few rows each: what went wrong in the last day is counted without a look at the rest of the ledger.
create index delivery_failed on delivery (settled_at) where status in ('FAILED', 'EXPIRED');
create index delivery_decided on delivery (decided_at) where decision is not null;

-- The ledger stays when the code that a message brought is purged: the id goes on to say that there was one.
alter table delivery drop constraint delivery_contact_code_id_fkey;

create index contact_code_by_age on contact_code (asked_at);
create index system_event_delivered on system_event (settled_at) where status = 'DELIVERED';
-- Attempts are only ever added at the end. This kind of index costs an attempt nothing, and leaves the storing
-- of its outcome on the same page.
create index delivery_attempt_by_age on delivery_attempt using brin (begun_at)
    with (pages_per_range = 32, autosummarize = on);

-- One row for each day on which something was purged; whoever writes it first does the work.
create table purge_run (
    day date primary key,
    begun_at timestamptz not null,
    -- while it runs: who stops renewing it has died, and another one goes on
    held_until timestamptz not null,
    ended_at timestamptz,
    -- providers' ids of all attempts before this are gone
    provider_ids_before timestamptz,
    check ((ended_at is null) = (provider_ids_before is null))
);
create index purge_run_ended on purge_run (ended_at);

-- migrate: rollback
-- Forward only: a wrong migration is mended by the next one.

-- Print files of letters to exempt citizens: what is written for a task, and taken away again.
-- depends: 0020_ledger

-- migrate: apply
alter table letter_task
    -- when its print file was whole
    add column printed_at timestamptz,
    -- when the print file was taken away
    add column print_removed_at timestamptz,
    -- the purge's word: it was kept long enough after the letter was sent
    add column print_expired boolean not null default false,
    -- attempts whose outcome is known; claims are numbered as those of `delivery` are
    add column print_attempts integer not null default 0,
    add column print_first_tried_at timestamptz,
    add column print_claimed_until timestamptz,
    add column print_claim integer not null default 0,
    -- null: at once
    add column print_due_at timestamptz,
    add column print_outcome text,
    -- What a worker has to do. A claim may have left a file, so one that was never settled is cleared away, too.
    add column print_work text generated always as (case
        when status = 'OPEN' and printed_at is null then 'WRITE'
        when status <> 'OPEN' and print_claim > 0 and print_removed_at is null
            and (status = 'DROPPED' or printed_at is null or print_expired) then 'REMOVE' end) stored;
create index letter_print_due on letter_task ((coalesce(print_due_at, created_at))) where print_work is not null;
create index letter_print_kept on letter_task (sent_at)
    where status = 'SENT' and printed_at is not null and not print_expired;

-- What failed to be written may be tried in an hour; what must no longer be printed goes away at once.
create function hurry_print_file() returns trigger language plpgsql as $$
begin
    new.print_due_at := null;
    return new;
end $$;
create trigger letter_task_settled before update of status on letter_task
    for each row when (new.status <> old.status) execute function hurry_print_file();

-- migrate: rollback
-- Forward only: a wrong migration is mended by the next one.

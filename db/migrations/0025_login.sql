-- Logins that are no longer accepted, and what was refused.
-- depends: 0024_idempotency

-- migrate: apply

-- Few rows: each API process holds all of them in memory. A subject is the broker's id of a person.
create table login_revocation (
    subject text primary key check (length(subject) between 1 and 255),
    -- tokens issued until then are refused
    revoked_at timestamptz not null,
    -- until then every token is refused; the end of the year 9999: until the login is restored
    blocked_until timestamptz,
    reason text not null check (reason ~ '^[A-Z][A-Z0-9_]{0,39}$'),
    check (blocked_until > revoked_at)
);

-- What was refused, counted by minute. Role, organisation and subject are of a token that was proven; of
-- all others nothing is kept but why, and a keyed hash of the address they came from.
create table login_refusal (
    login_refusal_id bigint generated always as identity primary key,
    minute timestamptz not null,
    reason text not null,
    role text,
    organisation_code text,
    subject text,
    operation text,
    client bytea check (length(client) = 8),
    times bigint not null check (times > 0),
    unique nulls not distinct (minute, reason, role, organisation_code, subject, operation, client)
);

-- migrate: rollback
-- Forward only: a wrong migration is mended by the next one.

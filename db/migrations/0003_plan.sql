-- The plan and what authorities and citizen agree in it.
-- depends: 0002_citizen

-- migrate: apply
create table plan (
    plan_id uuid primary key default uuidv7(),
    citizen_id uuid not null references citizen on delete cascade,
    plan_type text not null references plan_type,
    status text not null default 'ACTIVE' check (status in ('ACTIVE', 'CLOSED')),
    created_at timestamptz not null,
    closed_at timestamptz,
    holistic boolean not null default false,
    holistic_consent_at timestamptz,
    citizen_agrees boolean,
    agreement_comment text check (length(agreement_comment) <= 1500),
    check (not holistic or holistic_consent_at is not null),
    check ((status = 'CLOSED') = (closed_at is not null))
);
create unique index plan_one_active on plan (citizen_id) where status = 'ACTIVE';
create index plan_by_citizen on plan (citizen_id);

create table job_goal (
    job_goal_id uuid primary key default uuidv7(),
    plan_id uuid not null references plan on delete cascade,
    occupation_code text references occupation,
    job_function_text text check (length(job_function_text) between 1 and 200),
    term text not null check (term in ('SHORT_TERM', 'LONG_TERM')),
    long_term_description text check (length(long_term_description) between 1 and 500),
    priority smallint not null check (priority >= 1),
    outside_shortage_reason text check (length(outside_shortage_reason) between 1 and 500),
    -- on the day it was confirmed, so that the document does not depend on the day it is built (R49)
    shortage_status text not null default 'UNKNOWN'
        check (shortage_status in ('IN_SHORTAGE', 'NOT_IN_SHORTAGE', 'UNKNOWN')),
    confirmed_by uuid not null references caseworker,
    confirmed_at timestamptz not null,
    check (num_nonnulls(occupation_code, job_function_text) = 1),
    unique (plan_id, priority) deferrable initially deferred
);

create table sub_goal (
    sub_goal_id uuid primary key default uuidv7(),
    job_goal_id uuid not null references job_goal on delete cascade,
    position smallint not null,
    text short_text not null,
    target_date date,
    done_on date,
    unique (job_goal_id, position) deferrable initially deferred
);

create table education_goal (
    education_goal_id uuid primary key default uuidv7(),
    plan_id uuid not null references plan on delete cascade,
    education_name text not null check (length(education_name) between 1 and 200),
    education_code text check (length(education_code) between 1 and 40),
    priority smallint not null check (priority >= 1),
    agreed_by uuid not null references caseworker,
    agreed_at timestamptz not null,
    unique (plan_id, priority) deferrable initially deferred
);

create table plan_description (
    plan_id uuid primary key references plan on delete cascade,
    text plan_text not null,
    author uuid not null references caseworker,
    updated_at timestamptz not null,
    covers_rehabilitation_part boolean not null default false
);

create table meeting (
    meeting_id uuid primary key default uuidv7(),
    plan_id uuid not null references plan on delete cascade,
    system text not null,
    external_id text not null check (length(external_id) between 1 and 100),
    authority authority not null,
    organisation_id uuid not null references organisation,
    source text not null check (source in ('SUMMONS', 'SELF_BOOKING')),
    status text not null check (status in ('PLANNED', 'CHANGED', 'CANCELLED', 'HELD')),
    -- what a fund still sees where it may not know of the conversation that the meeting became
    status_before_held text,
    starts_at timestamptz not null,
    ends_at timestamptz not null check (ends_at >= starts_at),
    mode text not null check (mode in ('IN_PERSON', 'PHONE', 'DIGITAL', 'LETTER', 'OTHER')),
    place text check (length(place) between 1 and 300),
    address text check (length(address) between 1 and 300),
    map_url text check (length(map_url) between 1 and 500),
    caseworker_name text not null check (length(caseworker_name) between 1 and 200),
    caseworker_role text check (length(caseworker_role) between 1 and 100),
    description text check (length(description) between 1 and 1000),
    unique (system, external_id)
);
create index meeting_by_plan on meeting (plan_id, starts_at);

create table other_agreement (
    other_agreement_id uuid primary key default uuidv7(),
    plan_id uuid not null references plan on delete cascade,
    system text not null,
    external_id text not null check (length(external_id) between 1 and 100),
    organiser authority not null,
    title text not null check (length(title) between 1 and 200),
    kind text not null check (kind in ('JOB_FAIR', 'JOB_CAFE', 'OTHER')),
    starts_at timestamptz not null,
    ends_at timestamptz check (ends_at >= starts_at),
    place text check (length(place) between 1 and 300),
    description text check (length(description) between 1 and 1000),
    cancelled boolean not null default false,
    unique (system, external_id)
);
create index other_agreement_by_plan on other_agreement (plan_id, starts_at);

create table conversation (
    conversation_id uuid primary key default uuidv7(),
    plan_id uuid not null references plan on delete cascade,
    authority authority not null,
    organisation_id uuid not null references organisation,
    caseworker_id uuid not null references caseworker,
    held_at timestamptz not null,
    mode text not null check (mode in ('IN_PERSON', 'PHONE', 'DIGITAL', 'LETTER', 'OTHER')),
    meeting_id uuid unique references meeting,
    -- decides what a fund may read of it later (R135)
    written_under_plan_type text not null references plan_type,
    hidden_from_unemployment_fund boolean not null default false,
    registered_at timestamptz not null
);
create index conversation_by_plan on conversation (plan_id, held_at desc);

-- A published agreement is never overwritten: a correction is a new revision (R68).
create table agreement_revision (
    conversation_id uuid not null references conversation on delete cascade,
    revision smallint not null check (revision >= 1),
    text plan_text not null,
    author uuid not null references caseworker,
    written_at timestamptz not null,
    primary key (conversation_id, revision)
);

create table job_search_requirement (
    requirement_id uuid primary key default uuidv7(),
    plan_id uuid not null references plan on delete cascade,
    issuer authority not null,
    organisation_id uuid not null references organisation,
    caseworker_id uuid not null references caseworker,
    industries text[] not null default '{}',
    agreement_text text check (length(agreement_text) between 1 and 1500),
    other_expectations text check (length(other_expectations) between 1 and 1500),
    expected_count smallint check (expected_count >= 0),
    full_time boolean,
    unsolicited boolean,
    valid_from date not null,
    -- inclusive, unlike the periods of 0002
    valid_to date,
    check (issuer <> 'UNEMPLOYMENT_FUND' or other_expectations is not null),
    -- a requirement replaced on its own first day has an empty period and is history only
    check (valid_to >= valid_from - 1),
    exclude using gist (plan_id with =, issuer with =, daterange(valid_from, valid_to + 1) with &&)
);

create table requirement_occupation (
    requirement_id uuid not null references job_search_requirement on delete cascade,
    position smallint not null,
    occupation_code text not null references occupation,
    primary key (requirement_id, position),
    unique (requirement_id, occupation_code)
);

create table requirement_area (
    requirement_id uuid not null references job_search_requirement on delete cascade,
    position smallint not null,
    municipality_code text references municipality,
    label text not null check (length(label) between 1 and 100),
    primary key (requirement_id, position)
);

create table integration_contract (
    plan_id uuid primary key references plan on delete cascade,
    document bytea not null,
    file_name text not null check (length(file_name) between 1 and 200),
    signed_on date,
    danish_goal text check (length(danish_goal) between 1 and 300),
    valid_until date
);

create table comment (
    comment_id uuid primary key default uuidv7(),
    plan_id uuid not null references plan on delete cascade,
    -- null: written by the citizen
    caseworker_id uuid references caseworker,
    text text not null check (length(text) between 1 and 2000),
    written_at timestamptz not null,
    in_reply_to uuid references comment,
    target text not null check (target in ('PLAN', 'DESCRIPTION', 'STEP'))
);
create index comment_by_plan on comment (plan_id, written_at);

-- migrate: rollback
-- Forward only: a wrong migration is mended by the next one.

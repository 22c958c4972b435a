-- The citizen, and the dated facts that decide who is responsible and who may see what.
-- depends: 0001_code_list

-- migrate: apply
create table citizen (
    citizen_id uuid primary key default uuidv7(),
    -- AES-encrypted with the key of the settings; found by the keyed hash, never in clear
    cpr_encrypted bytea not null,
    cpr_index bytea not null unique,
    given_name text not null check (length(given_name) between 1 and 50),
    middle_name text check (length(middle_name) between 1 and 40),
    surname text not null check (length(surname) between 1 and 40),
    full_name text not null generated always as (
        case when middle_name is null then given_name || ' ' || surname
             else given_name || ' ' || middle_name || ' ' || surname end) stored,
    birth_date date not null,
    municipality_code text not null references municipality,
    right_and_duty boolean not null default false,
    first_benefit_date date,
    has_vocational_education boolean,
    has_dependent_children boolean,
    under_kui boolean not null default false,
    registration_open boolean not null default false,
    -- the three months of R14 run from here; null: from the first day of the present target group
    contact_course_start date,
    phone text check (phone ~ '^\+?[0-9]{8,15}$'),
    email text check (length(email) <= 254 and email like '%_@_%'),
    cv_searchable boolean not null default false,
    cv_part_time boolean not null default false,
    cv_link text,
    created_at timestamptz not null
);
create index citizen_by_municipality on citizen (municipality_code, full_name, citizen_id);
create index citizen_name_trgm on citizen using gin (lower(full_name) gin_trgm_ops);

create table target_group_period (
    citizen_id uuid not null references citizen on delete cascade,
    target_group text not null references target_group,
    plan_type text not null references plan_type,
    valid_from date not null,
    valid_to date check (valid_to > valid_from),
    exclude using gist (citizen_id with =, daterange(valid_from, valid_to) with &&)
);
create unique index target_group_current on target_group_period (citizen_id) where valid_to is null;

create table membership (
    membership_id uuid primary key default uuidv7(),
    citizen_id uuid not null references citizen on delete cascade,
    fund_id uuid not null references organisation,
    insurance text not null check (insurance in ('FULL_TIME', 'PART_TIME')),
    valid_from date not null,
    valid_to date check (valid_to > valid_from),
    exclude using gist (citizen_id with =, daterange(valid_from, valid_to) with &&)
);
create index membership_by_fund on membership (fund_id, citizen_id);

create table case_responsibility (
    case_responsibility_id uuid primary key default uuidv7(),
    citizen_id uuid not null references citizen on delete cascade,
    authority authority not null,
    organisation_id uuid not null references organisation,
    basis text not null check (basis in
        ('FIRST_THREE_MONTHS', 'YOUNG_REFERRED', 'AFTER_TRANSITION', 'OTHER_GROUP', 'MOVED')),
    valid_from date not null,
    valid_to date check (valid_to > valid_from),
    counted_hours numeric(7, 2) check (counted_hours >= 0),
    expected_transition_date date,
    -- false: set by the system that knows better; never worked out anew (R15)
    derived boolean not null default true,
    exclude using gist (citizen_id with =, daterange(valid_from, valid_to) with &&)
);

create table digital_exemption (
    digital_exemption_id uuid primary key default uuidv7(),
    citizen_id uuid not null references citizen on delete cascade,
    kind text not null check (kind in ('DIGITAL_POST', 'SELF_SERVICE', 'INDIVIDUAL')),
    valid_from date not null,
    valid_to date check (valid_to > valid_from),
    reason text check (length(reason) between 1 and 1500),
    decided_by uuid references caseworker,
    check (kind <> 'INDIVIDUAL' or (reason is not null and decided_by is not null)),
    exclude using gist (citizen_id with =, kind with =, daterange(valid_from, valid_to) with &&)
);

create table sought_job (
    sought_job_id uuid primary key default uuidv7(),
    citizen_id uuid not null references citizen on delete cascade,
    occupation_code text not null references occupation,
    added_at timestamptz not null,
    added_during text not null check (added_during in ('REGISTRATION', 'LATER')),
    assisted_by uuid references caseworker,
    approved_by uuid references caseworker,
    approved_at timestamptz,
    unique (citizen_id, occupation_code),
    check (assisted_by is null or added_during = 'REGISTRATION'),
    check ((approved_by is null) = (approved_at is null))
);

create table notification_preference (
    citizen_id uuid primary key references citizen on delete cascade,
    sms boolean not null default false,
    sms_number text check (sms_number ~ '^\+?[0-9]{8,15}$'),
    email boolean not null default false,
    email_address text check (length(email_address) <= 254 and email_address like '%_@_%'),
    updated_at timestamptz not null,
    check (not sms or sms_number is not null),
    check (not email or email_address is not null)
);

-- migrate: rollback
-- Forward only: a wrong migration is mended by the next one.

-- The education order of a youth: steps, proposals, applications, support, handover.
-- depends: 0004_intervention

-- migrate: apply
create table education_order (
    plan_id uuid primary key references plan on delete cascade,
    current_step smallint not null check (current_step between 1 and 4),
    admitted_application_id uuid,
    start_date date,
    started_on date,
    completed_on date check (completed_on >= started_on)
);

create table education_step (
    education_step_id uuid primary key default uuidv7(),
    plan_id uuid not null references education_order on delete cascade,
    step smallint not null check (step between 1 and 4),
    opened_at timestamptz not null,
    opened_by uuid not null references caseworker,
    caseworker_id uuid not null references caseworker,
    deadline date not null,
    status text not null check (status in ('OPEN', 'SENT', 'REOPENED', 'CLOSED')),
    sent_at timestamptz,
    late boolean not null default false,
    institution_reason text check (length(institution_reason) between 1 and 1500)
);
create unique index education_step_one_running on education_step (plan_id) where status <> 'CLOSED';
create index education_step_by_plan on education_step (plan_id, opened_at);

-- What the citizen saved and has not sent: outside the document, so that nobody else can see it (R98).
create table education_step_draft (
    education_step_id uuid primary key references education_step on delete cascade,
    saved_at timestamptz not null,
    body jsonb not null
);

create table education_proposal (
    education_step_id uuid not null references education_step on delete cascade,
    priority smallint not null check (priority >= 1),
    education_name text not null check (length(education_name) between 1 and 200),
    reason text check (length(reason) between 1 and 1500),
    primary key (education_step_id, priority)
);

create table institution_proposal (
    education_step_id uuid not null references education_step on delete cascade,
    position smallint not null,
    goal text not null check (length(goal) between 1 and 200),
    institution text not null check (length(institution) between 1 and 200),
    primary key (education_step_id, position)
);

create table education_application (
    application_id uuid primary key default uuidv7(),
    plan_id uuid not null references education_order on delete cascade,
    position smallint not null,
    goal text not null check (length(goal) between 1 and 200),
    institution text check (length(institution) between 1 and 200),
    sent boolean,
    answer text not null check (answer in ('AWAITING', 'ADMITTED', 'REJECTED', 'WAITING_LIST')),
    check (sent is not true or institution is not null),
    unique (plan_id, position) deferrable initially deferred
);
alter table education_order add foreign key (admitted_application_id)
    references education_application on delete set null;

create table support_need (
    plan_id uuid primary key references education_order on delete cascade,
    assessed_on date not null,
    assessed_by uuid not null references caseworker,
    has_need boolean not null,
    text text check (length(text) between 1 and 2000)
);

create table support_need_intervention (
    plan_id uuid not null references support_need on delete cascade,
    intervention_id uuid not null references intervention on delete cascade,
    primary key (plan_id, intervention_id)
);

create table institution_contact (
    plan_id uuid primary key references education_order on delete cascade,
    name text not null check (length(name) between 1 and 200),
    phone text check (phone ~ '^\+?[0-9]{8,15}$'),
    email text check (length(email) <= 254)
);

create table handover_package (
    handover_package_id uuid primary key default uuidv7(),
    plan_id uuid not null references education_order on delete cascade,
    institution_id uuid not null references organisation,
    other_essential_information text check (length(other_essential_information) between 1 and 2000),
    released_at timestamptz not null,
    received_at timestamptz,
    unique (plan_id, institution_id)
);

create table test_result (
    test_result_id uuid primary key default uuidv7(),
    plan_id uuid not null references plan on delete cascade,
    kind text not null check (kind in ('READING', 'WRITING', 'MATHS', 'DYSLEXIA')),
    taken_on date not null,
    result text not null check (length(result) between 1 and 500),
    course_recommended text check (length(course_recommended) between 1 and 500),
    requested_by text not null check (requested_by in ('CITIZEN', 'MUNICIPALITY')),
    reason text check (length(reason) between 1 and 500)
);
create index test_result_by_plan on test_result (plan_id, taken_on);

create table kui_export (
    kui_export_id uuid primary key default uuidv7(),
    plan_id uuid not null references plan on delete cascade,
    exported_at timestamptz not null,
    exported_by uuid not null references caseworker
);

-- migrate: rollback
-- Forward only: a wrong migration is mended by the next one.

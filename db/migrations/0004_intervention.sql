-- Interventions of every kind (DOMAIN 5.12): one table, the kinds told apart by checks.
-- depends: 0003_plan

-- migrate: apply
create table joint_recommendation (
    joint_recommendation_id uuid primary key default uuidv7(),
    plan_id uuid not null references plan on delete cascade,
    created_by uuid not null references caseworker,
    citizen_agrees boolean not null,
    proposed_kind text not null references intervention_kind,
    text text not null check (length(text) between 1 and 1500),
    wanted_start date,
    sent_at timestamptz,
    status text not null check (status in ('DRAFT', 'SENT', 'GRANTED', 'REJECTED')),
    decided_by uuid references caseworker,
    decided_at timestamptz,
    check (status = 'DRAFT' or citizen_agrees),
    check ((status in ('GRANTED', 'REJECTED')) = (decided_at is not null))
);

create table intervention (
    intervention_id uuid primary key default uuidv7(),
    plan_id uuid not null references plan on delete cascade,
    kind text not null references intervention_kind,
    scheme text references education_scheme,
    headline text check (length(headline) between 1 and 200),
    hours_per_week smallint check (hours_per_week between 0 and 59),
    minutes_per_week smallint check (minutes_per_week between 0 and 59),
    description text not null,
    agreed_with uuid not null references caseworker,
    -- "Aftalt med Troels Agerskov, Jobcenter X"; the figures leave the organisation out at times
    shows_organisation boolean not null default true,
    start_date date not null,
    end_date date check (end_date >= start_date),
    why text not null,
    cancelled_at timestamptz,
    cancel_reason text check (length(cancel_reason) between 1 and 1500),
    latest_status text check (length(latest_status) between 1 and 1500),
    latest_status_by uuid references caseworker,
    latest_status_at timestamptz,
    origin text not null check (origin in ('MANUAL', 'VITAS', 'DFDG_IMPORT', 'RECOMMENDATION')),
    external_id text check (length(external_id) between 1 and 100),
    joint_recommendation_id uuid references joint_recommendation,
    written_under_plan_type text not null references plan_type,
    created_at timestamptz not null,
    -- where, or for an aid who
    place text check (length(place) between 1 and 300),
    contact_name text check (length(contact_name) between 1 and 200),
    contact_phone text check (contact_phone ~ '^\+?[0-9]{8,15}$'),
    contact_email text check (length(contact_email) <= 254),
    -- company kinds
    occupation text check (length(occupation) between 1 and 200),
    workplace text check (length(workplace) between 1 and 300),
    company_address text check (length(company_address) between 1 and 300),
    cvr text check (cvr ~ '^[0-9]{8}$'),
    p_number text check (p_number ~ '^[0-9]{10}$'),
    -- education kinds, social and health kinds, aids
    course text check (length(course) between 1 and 200),
    provider text check (length(provider) between 1 and 300),
    mentor_name text check (length(mentor_name) between 1 and 200),
    mentor_tasks text check (length(mentor_tasks) between 1 and 1500),
    aid_form text check (aid_form in ('LOAN', 'GRANT')),
    aid_category text check (length(aid_category) between 1 and 300),
    aid_purpose text check (aid_purpose in ('EMPLOYMENT', 'FLEX_JOB', 'DURING_OFFER')),
    task_description text check (length(task_description) between 1 and 1500),
    code_list text check (length(code_list) between 1 and 40),
    code text check (length(code) between 1 and 40),
    code_label text check (length(code_label) between 1 and 200),
    facilitator_name text check (length(facilitator_name) between 1 and 200),
    -- offers (R90-R92)
    is_offer boolean not null,
    notice_basis text check (notice_basis in ('CONVERSATION', 'LETTER', 'PHONE', 'OTHER')),
    notice_on date,
    outside_shortage_reason text check (length(outside_shortage_reason) between 1 and 500),
    right_and_duty boolean not null,
    check ((kind = 'EDUCATION') = (scheme is not null)),
    check (kind = 'AID' or aid_form is null),
    check (kind <> 'AID' or (aid_form is not null and aid_category is not null)),
    check ((notice_basis is null) = (notice_on is null)),
    check (num_nulls(latest_status, latest_status_by, latest_status_at) in (0, 3)),
    check (end_date is not null or kind in
        ('FLEX_JOB', 'MENTOR', 'PERSONAL_ASSISTANCE', 'AID', 'OTHER_AGREED'))
);
create index intervention_by_plan on intervention (plan_id, start_date);
create unique index intervention_external on intervention (origin, external_id) where external_id is not null;

create table contact_attempt (
    contact_attempt_id uuid primary key default uuidv7(),
    intervention_id uuid not null references intervention on delete cascade,
    attempted_on date not null,
    reached boolean not null
);
create index contact_attempt_by_intervention on contact_attempt (intervention_id);

create table goal_link (
    intervention_id uuid not null references intervention on delete cascade,
    job_goal_id uuid references job_goal on delete cascade,
    education_goal_id uuid references education_goal on delete cascade,
    check (num_nonnulls(job_goal_id, education_goal_id) = 1),
    unique nulls not distinct (intervention_id, job_goal_id, education_goal_id)
);
create index goal_link_by_job_goal on goal_link (job_goal_id);
create index goal_link_by_education_goal on goal_link (education_goal_id);

-- migrate: rollback
-- Forward only: a wrong migration is mended by the next one.

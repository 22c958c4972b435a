-- Code lists: what the law and the registers name, dated so that a reform is a data change.
-- depends:

-- migrate: apply
create extension pg_trgm;
create extension btree_gist;
create extension unaccent;

-- The bundled lists as they were last loaded: one that did not change is not loaded again, so that
-- what an operator imported stays.
create table code_list_load (
    name text primary key,
    hash bytea not null,
    loaded_at timestamptz not null
);

create domain authority as text check (value in ('JOBCENTER', 'UNEMPLOYMENT_FUND'));
create domain audience as text check (value in ('FULL', 'FUND'));
create domain short_text as text check (length(value) between 1 and 300);
create domain plan_text as text check (length(value) between 1 and 4000);

create table municipality (
    code text primary key check (code ~ '^[0-9]{3}$'),
    name text not null,
    region text not null,
    valid_from date not null default '1900-01-01',
    valid_to date
);

create table organisation (
    organisation_id uuid primary key default uuidv7(),
    kind text not null check (kind in ('JOBCENTER', 'UNEMPLOYMENT_FUND', 'EDUCATION_INSTITUTION', 'SYSTEM')),
    code text not null,
    name text not null,
    unique (kind, code)
);

create table caseworker (
    caseworker_id uuid primary key default uuidv7(),
    organisation_id uuid not null references organisation,
    -- the login's persistent id at the identity broker
    subject text not null,
    -- as first made: published documents carry it, so a login never changes it
    name text not null check (name ~ '\S'),
    title text,
    unique (organisation_id, subject)
);

create table occupation (
    code text primary key,
    label text not null,
    scheme text not null default 'ESCO_STAR',
    valid_from date not null default '1900-01-01',
    valid_to date
);
create index occupation_label_trgm on occupation using gin (lower(label) gin_trgm_ops);
create index occupation_label_prefix on occupation (lower(label) text_pattern_ops);

create table occupation_alias (
    code text not null references occupation on delete cascade,
    alias text not null,
    primary key (code, alias)
);
create index occupation_alias_trgm on occupation_alias using gin (lower(alias) gin_trgm_ops);
create index occupation_alias_prefix on occupation_alias (lower(alias) text_pattern_ops);

create table shortage_area (
    region text not null,
    occupation_code text not null references occupation,
    in_shortage boolean not null,
    valid_from date not null default '1900-01-01',
    valid_to date,
    primary key (region, occupation_code, valid_from)
);

create table plan_type (
    code text primary key,
    name text not null,
    visible_to_fund boolean not null,
    valid_from date not null default '1900-01-01',
    valid_to date
);

create table composition (
    code text primary key
);

create table composition_element (
    composition text not null references composition on delete cascade,
    position smallint not null,
    element text not null,
    only_if_any boolean not null,
    primary key (composition, position),
    unique (composition, element)
);

create table target_group (
    code text primary key,
    name text not null,
    lab_section_6_number text,
    obliged boolean not null,
    composition text not null references composition,
    job_goal_rule text check (job_goal_rule in ('OCCUPATION', 'OCCUPATION_OR_FUNCTION')),
    education_goal_rule text check (education_goal_rule in ('REQUIRED', 'REQUIRED_FROM_STEP_2', 'OPTIONAL')),
    description_variant text check (description_variant in ('AGREED_PATH', 'CASEWORKER_COMMENT')),
    fund_agreement boolean not null,
    requirement_issuer authority,
    education_steps boolean not null,
    contract boolean not null,
    sought_jobs_minimum smallint not null check (sought_jobs_minimum >= 0),
    digital_duty text not null check (digital_duty in ('YES', 'MAY')),
    individually_exemptible boolean not null,
    shows_find_job boolean not null,
    fund_first_three_months boolean not null,
    valid_from date not null default '1900-01-01',
    valid_to date
);

create table target_group_plan_type (
    target_group text not null references target_group on delete cascade,
    plan_type text not null references plan_type,
    position smallint not null,
    primary key (target_group, plan_type),
    unique (target_group, position)
);

create table intervention_kind (
    code text primary key,
    name text not null,
    timeline_label text not null,
    type_name text not null,
    hidden_from_fund boolean not null,
    fund_may_create boolean not null,
    vitas_import boolean not null,
    valid_from date not null default '1900-01-01',
    valid_to date
);

create table education_scheme (
    code text primary key,
    name text not null,
    timeline_label text not null,
    valid_from date not null default '1900-01-01',
    valid_to date
);

-- migrate: rollback
-- Forward only: a wrong migration is mended by the next one.

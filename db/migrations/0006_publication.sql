-- What was published: the current document of each audience, and every version of it.
-- depends: 0005_education

-- migrate: apply

-- The current document, one row per plan and audience; each section is the inside of a
-- JSON object as UTF-8, so that a read joins the sections it needs with commas.
-- bytea stored EXTERNAL: compressing costs more than it saves at 12 KB (docs/decisions).
create table plan_document (
    plan_id uuid not null references plan on delete cascade,
    audience audience not null,
    citizen_id uuid not null,
    active boolean not null,
    -- false: a fund may not see a plan of this type (R88); its own agreements stay readable
    visible boolean not null,
    number integer not null check (number >= 1),
    published_at timestamptz not null,
    acknowledgement bytea,
    head bytea not null,
    job_goals bytea not null,
    education_goals bytea not null,
    description bytea not null,
    latest_agreement_jobcenter bytea not null,
    latest_agreement_unemployment_fund bytea not null,
    agreements bytea not null,
    requirements bytea not null,
    interventions bytea not null,
    meetings bytea not null,
    education bytea not null,
    contract bytea not null,
    comments bytea not null,
    primary key (plan_id, audience)
);
create unique index plan_document_of_citizen on plan_document (citizen_id, audience) where active;

-- Every version, gapless per audience. A section that did not change since the version
-- before is null here; an absent part is a section that says so, never null.
create table plan_version (
    plan_id uuid not null references plan on delete cascade,
    audience audience not null,
    number integer not null check (number >= 1),
    published_at timestamptz not null,
    published_by text not null,
    organisation text not null,
    trigger text not null check (trigger in ('GOALS', 'DESCRIPTION', 'CONVERSATION', 'OFFER',
        'INTERVENTION', 'REQUIREMENT', 'STATUS', 'MEETING', 'TARGET_GROUP', 'EDUCATION_STEP',
        'CONTRACT', 'COMMENT', 'MEMBERSHIP', 'RESPONSIBILITY', 'CITIZEN', 'PLAN')),
    plan_type text,
    target_group text,
    changed_elements text[] not null,
    visible boolean not null,
    head bytea,
    job_goals bytea,
    education_goals bytea,
    description bytea,
    latest_agreement_jobcenter bytea,
    latest_agreement_unemployment_fund bytea,
    agreements bytea,
    requirements bytea,
    interventions bytea,
    meetings bytea,
    education bytea,
    contract bytea,
    comments bytea,
    primary key (plan_id, audience, number)
);

create function refuse_change() returns trigger language plpgsql as $$
begin
    raise exception '% is append only', tg_table_name using errcode = 'restrict_violation';
end $$;
create trigger plan_version_is_immutable before update on plan_version
    for each row execute function refuse_change();

-- One receipt for what stood in both audiences' versions: where only the fund's moved on, there is
-- one more for the same full version.
create table acknowledgement (
    acknowledgement_id uuid primary key default uuidv7(),
    plan_id uuid not null references plan on delete cascade,
    number integer not null,
    -- the fund's own number of what was acknowledged, so that it learns nothing of the other
    fund_number integer,
    method text not null check (method in ('DIGITAL', 'SIGNATURE', 'DIGITAL_POST', 'REFUSAL_NOTED')),
    acknowledged_at timestamptz not null,
    -- null: the citizen self
    caseworker_id uuid references caseworker,
    note text check (length(note) between 1 and 1500),
    audience audience not null default 'FULL' check (audience = 'FULL'),
    unique nulls not distinct (plan_id, number, fund_number),
    foreign key (plan_id, audience, number) references plan_version,
    check ((method = 'DIGITAL') = (caseworker_id is null))
);

-- What is known of the citizen outside the plan, as one audience sees it; not versioned.
create table citizen_document (
    citizen_id uuid not null references citizen on delete cascade,
    audience audience not null,
    body bytea not null,
    primary key (citizen_id, audience)
);

-- The document of one row as JSON, with the sections of a bit mask: 2 job goals, 4 education
-- goals, ... in the order of the columns; the head is always in. Inlined, so that a section left
-- out is never fetched.
create function document_json(d plan_document, sections integer)
returns bytea language sql immutable parallel safe as $$
    select '{'::bytea || d.head
        || case when sections & 2 <> 0 then ','::bytea || d.job_goals else '' end
        || case when sections & 4 <> 0 then ','::bytea || d.education_goals else '' end
        || case when sections & 8 <> 0 then ','::bytea || d.description else '' end
        || case when sections & 16 <> 0 then ','::bytea || d.latest_agreement_jobcenter else '' end
        || case when sections & 32 <> 0 then ','::bytea || d.latest_agreement_unemployment_fund else '' end
        || case when sections & 64 <> 0 then ','::bytea || d.agreements else '' end
        || case when sections & 128 <> 0 then ','::bytea || d.requirements else '' end
        || case when sections & 256 <> 0 then ','::bytea || d.interventions else '' end
        || case when sections & 512 <> 0 then ','::bytea || d.meetings else '' end
        || case when sections & 1024 <> 0 then ','::bytea || d.education else '' end
        || case when sections & 2048 <> 0 then ','::bytea || d.contract else '' end
        || case when sections & 4096 <> 0 then ','::bytea || d.comments else '' end
        || '}'::bytea
$$;

-- A version as it was: of each section the newest stored up to that number.
create function version_json(plan uuid, wanted_audience text, wanted integer)
returns bytea language sql stable parallel safe as $$
    select '{'::bytea || string_agg(s.body, ','::bytea order by s.position) || '}'::bytea
    from (
        select distinct on (x.position) x.position, x.body
        from plan_version v
        cross join lateral (values
            (0, v.head),
            (1, v.job_goals),
            (2, v.education_goals),
            (3, v.description),
            (4, v.latest_agreement_jobcenter),
            (5, v.latest_agreement_unemployment_fund),
            (6, v.agreements),
            (7, v.requirements),
            (8, v.interventions),
            (9, v.meetings),
            (10, v.education),
            (11, v.contract),
            (12, v.comments)
        ) x (position, body)
        where v.plan_id = plan and v.audience = wanted_audience and v.number <= wanted
          and x.body is not null
        order by x.position, v.number desc
    ) s
$$;

do $$
declare
    stored record;
begin
    for stored in
        select attrelid::regclass as relation, attname from pg_attribute
        where attrelid in ('plan_document'::regclass, 'plan_version'::regclass, 'citizen_document'::regclass)
          and atttypid = 'bytea'::regtype and attnum > 0
    loop
        execute format('alter table %s alter column %I set storage external', stored.relation, stored.attname);
    end loop;
end $$;

-- migrate: rollback
-- Forward only: a wrong migration is mended by the next one.

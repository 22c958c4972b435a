-- What a mutation answered, for a client that asks again.
-- depends: 0023_purge

-- migrate: apply

-- One row for each operation that came with an Idempotency-Key, of the last day. Without the key nobody can
-- read who asked, what, or the answer; whom it is about, and when, stands there.
create table kept_answer (
    -- keyed hash of who asked and of the client's key
    claim bytea primary key check (length(claim) = 32),
    -- keyed hash of what was asked: the same key does not serve for something else
    request bytea not null check (length(request) = 32),
    -- encrypted; null only within the transaction of the operation that takes the row
    answer bytea,
    -- whom the answer is about, whose plan it shows, and what the client could see of them when it was given
    citizens uuid[] not null default '{}',
    shown uuid[] not null default '{}',
    rights text[] not null default '{}',
    kept_at timestamptz not null
);
-- ciphertext does not get smaller
alter table kept_answer alter column answer set storage external;
create index kept_answer_by_age on kept_answer (kept_at);

-- What a viewer may see of citizens on a day, as '<citizen> <right>'. An answer is told again only while none of
-- the rights is lost that its client had when it was first told.
create function rights_of(citizens uuid[], role text, organisation text, own uuid, today date) returns text[]
language sql stable as $$
    select coalesce(array_agg(c.citizen_id || ' ' || held.name), '{}')
    from citizen c
    cross join lateral (
        -- R150-R152, as `lock_citizen` has it; an institution reads what was released to it (R153)
        select 'reach' as name where case role
            when 'citizen' then c.citizen_id = own
            when 'jobcenter' then c.municipality_code = organisation
            when 'fund' then exists (
                select from membership m join organisation o on o.organisation_id = m.fund_id
                where m.citizen_id = c.citizen_id and o.kind = 'UNEMPLOYMENT_FUND' and o.code = organisation
                  and m.valid_from <= today and (m.valid_to is null or m.valid_to > today))
            when 'institution' then exists (
                select from plan p
                join handover_package h using (plan_id)
                join organisation o on o.organisation_id = h.institution_id
                where p.citizen_id = c.citizen_id and o.kind = 'EDUCATION_INSTITUTION' and o.code = organisation)
            when 'system' then true
            else false end
        union all
        -- a plan of another type may be hidden from funds (R88); to see the next one shows nothing of this one
        select 'plan ' || d.plan_id from plan_document d
        where role = 'fund' and d.citizen_id = c.citizen_id and d.audience = 'FUND' and d.active and d.visible
        union all
        -- a fund reads comments only while it is responsible (R58)
        select 'comments' where role = 'fund' and exists (
            select from case_responsibility r join organisation o on o.organisation_id = r.organisation_id
            where r.citizen_id = c.citizen_id and r.authority = 'UNEMPLOYMENT_FUND' and o.code = organisation
              and r.valid_from <= today and (r.valid_to is null or r.valid_to > today))
    ) held
    where c.citizen_id = any (citizens)
$$;

-- migrate: rollback
-- Forward only: a wrong migration is mended by the next one.

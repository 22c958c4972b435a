-- Stored documents follow when a later migration changes how a section is built.
-- depends: 0009_notice

-- migrate: apply

-- An item is in an inbox once while it is open, also one that is about something.
drop index inbox_item_once;
create unique index inbox_item_once on inbox_item (organisation_id, citizen_id, kind, subject_id)
    nulls not distinct where done_at is null;

-- Builds one section of every current document anew without making a version: for a migration that
-- changes a section's shape and not what it says. Versions of before keep the shape they had; whoever
-- reads them supplies what they lack. $1 name of the section's column and function
create function refresh_section(name text) returns void language plpgsql as $$
begin
    execute format($sql$
        update plan_document d set %1$I = section_%1$s(p, d.audience = 'FUND', d.audience = 'FULL' or t.visible_to_fund)
        from plan p join plan_type t on t.code = p.plan_type
        where p.plan_id = d.plan_id
          and d.%1$I is distinct from section_%1$s(p, d.audience = 'FUND', d.audience = 'FULL' or t.visible_to_fund)
    $sql$, name);
end $$;

-- The same for what is known of citizens outside their plans.
create function refresh_citizens() returns void language sql as $$
    update citizen_document d set body = section_citizen(c, d.audience = 'FUND')
    from citizen c
    where c.citizen_id = d.citizen_id and d.body is distinct from section_citizen(c, d.audience = 'FUND')
$$;

-- migrate: rollback
-- Forward only: a wrong migration is mended by the next one.

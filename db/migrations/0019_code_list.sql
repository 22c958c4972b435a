-- Code lists can be put in another order, and stored documents follow a list that changed.
-- depends: 0018_contact

-- migrate: apply
alter table composition_element
    drop constraint composition_element_composition_element_key,
    add constraint composition_element_once unique (composition, element) deferrable;
alter table target_group_plan_type
    drop constraint target_group_plan_type_target_group_position_key,
    add constraint target_group_plan_type_position unique (target_group, position) deferrable;

-- Builds sections of the current documents of some plans anew, without a version, after a change of a code list; a
-- closed plan stays as it was closed. sections: null for all
create function refresh_plans(plans uuid[], sections text[] default null) returns void language plpgsql as $$
declare
    section text;
    built text;
begin
    foreach section in array coalesce(sections, array['head', 'job_goals', 'education_goals', 'description',
        'latest_agreement_jobcenter', 'latest_agreement_unemployment_fund', 'agreements', 'requirements',
        'interventions', 'meetings', 'education', 'contract', 'comments'])
    loop
        built := case section
            when 'latest_agreement_jobcenter' then $f$section_latest_agreement(p, for_fund, sees, 'JOBCENTER')$f$
            when 'latest_agreement_unemployment_fund' then $f$section_latest_agreement(p, for_fund, sees, 'UNEMPLOYMENT_FUND')$f$
            else format('section_%s(p, for_fund, sees)', section) end;
        execute format($sql$
            with anew as materialized (
                select p.plan_id, a.audience, %2$s as built
                from plan p
                join plan_type t on t.code = p.plan_type
                cross join (values ('FULL'), ('FUND')) a (audience)
                cross join lateral (select a.audience = 'FUND' as for_fund, a.audience = 'FULL' or t.visible_to_fund as sees) x
                where p.plan_id = any ($1) and p.status = 'ACTIVE'
            )
            update plan_document d set %1$I = n.built from anew n
            where n.plan_id = d.plan_id and n.audience = d.audience and d.%1$I is distinct from n.built
        $sql$, section, built) using plans;
    end loop;
end $$;

-- The same for what is known of some citizens outside their plans.
create function refresh_citizens(citizens uuid[]) returns void language sql as $$
    with anew as materialized (
        select d.citizen_id, d.audience, section_citizen(c, d.audience = 'FUND') as built
        from citizen_document d join citizen c on c.citizen_id = d.citizen_id
        where c.citizen_id = any (citizens)
    )
    update citizen_document d set body = n.built from anew n
    where n.citizen_id = d.citizen_id and n.audience = d.audience and d.body is distinct from n.built
$$;

-- migrate: rollback
-- Forward only: a wrong migration is mended by the next one.

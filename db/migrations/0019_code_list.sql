-- Code lists can be put in another order, and stored documents follow a list that changed.
-- depends: 0018_contact

-- migrate: apply
alter table composition_element
    drop constraint composition_element_composition_element_key,
    add constraint composition_element_once unique (composition, element) deferrable;
alter table target_group_plan_type
    drop constraint target_group_plan_type_target_group_position_key,
    add constraint target_group_plan_type_position unique (target_group, position) deferrable;

-- Builds every current document anew, without a version, after a change of a code list: of citizens, and of plans
-- that are open; a closed plan stays as it was closed.
create function refresh_documents() returns void language plpgsql as $$
declare
    section text;
    built text;
begin
    foreach section in array array['head', 'job_goals', 'education_goals', 'description', 'latest_agreement_jobcenter',
        'latest_agreement_unemployment_fund', 'agreements', 'requirements', 'interventions', 'meetings', 'education',
        'contract', 'comments']
    loop
        built := case section
            when 'latest_agreement_jobcenter' then $f$section_latest_agreement(p, for_fund, sees, 'JOBCENTER')$f$
            when 'latest_agreement_unemployment_fund' then $f$section_latest_agreement(p, for_fund, sees, 'UNEMPLOYMENT_FUND')$f$
            else format('section_%s(p, for_fund, sees)', section) end;
        execute format($sql$
            update plan_document d set %1$I = %2$s
            from plan p
            join plan_type t on t.code = p.plan_type
            cross join (values ('FULL'), ('FUND')) a (audience)
            cross join lateral (select a.audience = 'FUND' as for_fund, a.audience = 'FULL' or t.visible_to_fund as sees) x
            where p.plan_id = d.plan_id and p.status = 'ACTIVE' and a.audience = d.audience
              and d.%1$I is distinct from %2$s
        $sql$, section, built);
    end loop;
    perform refresh_citizens();
end $$;

-- migrate: rollback
-- Forward only: a wrong migration is mended by the next one.

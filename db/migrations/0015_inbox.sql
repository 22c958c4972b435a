-- Joint recommendations stand in the plan, and the inbox keeps what is done.
-- depends: 0014_closing

-- migrate: apply
create index joint_recommendation_by_plan on joint_recommendation (plan_id);
create index intervention_by_recommendation on intervention (joint_recommendation_id)
    where joint_recommendation_id is not null;

-- The type under which it was decided, null: one that funds see.
alter table joint_recommendation add decided_under_plan_type text references plan_type;

-- What a fund and the citizen recommended (R24), with what came of it: a fund reads the ids of those
-- interventions only that exist for it (R87, R88), and none of a decision under a hidden type (R135).
create function joint_recommendations_json(p plan, for_fund boolean) returns json
language sql stable parallel safe as $$
    select coalesce(json_agg(r order by r.sent_at, r.id), '[]') from (
        select j.joint_recommendation_id as id, w.name as created_by, o.name as organisation,
            j.proposed_kind, j.text, j.wanted_start, j.sent_at,
            case when told.told then j.status else 'SENT' end as status,
            case when told.told then d.name end as decided_by,
            case when told.told then j.decided_at end as decided_at,
            coalesce((
                select json_agg(i.intervention_id order by i.start_date, i.intervention_id)
                from intervention i
                where i.joint_recommendation_id = j.joint_recommendation_id
                  and told.told and not (for_fund and hidden_from_fund(i))
            ), '[]') as intervention_ids
        from joint_recommendation j
        join caseworker w on w.caseworker_id = j.created_by
        join organisation o on o.organisation_id = w.organisation_id
        left join caseworker d on d.caseworker_id = j.decided_by
        left join plan_type y on y.code = j.decided_under_plan_type
        cross join lateral (select not for_fund or coalesce(y.visible_to_fund, true)) told (told)
        where j.plan_id = p.plan_id and j.status <> 'DRAFT'
    ) r
$$;

alter function section_interventions(plan, boolean, boolean) rename to interventions_alone;
create function section_interventions(p plan, for_fund boolean, sees boolean)
returns bytea language sql stable parallel safe as $$
    select interventions_alone(p, for_fund, sees) || ','::bytea
        || fragment(json_build_object('joint_recommendations',
            -- most plans have none, and are not to pay for the question
            case when sees and exists (select from joint_recommendation j where j.plan_id = p.plan_id)
                then joint_recommendations_json(p, for_fund) else '[]' end))
$$;

alter function empty_section(text) rename to empty_part;
create function empty_section(name text) returns bytea language sql stable parallel safe as $$
    select case
        when name = 'interventions'
            then empty_part(name) || ','::bytea || fragment(json_build_object('joint_recommendations', '[]'::json))
        else empty_part(name)
    end
$$;

select refresh_section('interventions');

-- An organisation reads what is done as it reads what is open: newest first.
alter table inbox_item add column done boolean not null generated always as (done_at is not null) stored;
drop index inbox_of_organisation;
create index inbox_of_organisation on inbox_item (organisation_id, done, inbox_item_id desc);

-- Whether an organisation reaches a citizen on a day: the jobcenter of the home, the fund of a member.
create function reaches(o organisation, citizen uuid, today date) returns boolean
language sql stable parallel safe as $$
    select case o.kind
        when 'JOBCENTER' then exists (
            select from citizen c where c.citizen_id = citizen and c.municipality_code = o.code)
        when 'UNEMPLOYMENT_FUND' then exists (
            select from membership m
            where m.citizen_id = citizen and m.fund_id = o.organisation_id
              and m.valid_from <= today and (m.valid_to is null or m.valid_to > today))
        else false end
$$;

-- migrate: rollback
-- Forward only: a wrong migration is mended by the next one.

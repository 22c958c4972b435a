-- Comments that a fund may read, and corrected agreements.
-- depends: 0010_refresh

-- migrate: apply

-- The fund that may read the comment: it was responsible, and saw the plan, when it was written.
-- Null: no fund may ever read it (R58, R135).
alter table comment add column readable_by uuid references organisation;
create index comment_answers on comment (in_reply_to) where in_reply_to is not null;

-- Null: the plan type that the conversation was registered under. What a fund reads is the newest
-- revision of a type it may see (R68, R135).
alter table agreement_revision add column written_under_plan_type text references plan_type;

-- The interventions whose status was told in a conversation: its text may name them (O13).
create table conversation_intervention (
    conversation_id uuid not null references conversation on delete cascade,
    intervention_id uuid not null references intervention on delete cascade,
    primary key (conversation_id, intervention_id)
);
create index conversation_of_intervention on conversation_intervention (intervention_id);

alter table citizen add constraint citizen_cv_link
    check (length(cv_link) <= 500 and cv_link like 'http%');

drop function section_comments(plan, boolean, boolean);
drop function section_description(plan, boolean, boolean);
drop function comments_json(uuid, text);

-- $2 null: of every target. A fund's document has those that some fund may read, with that fund's
-- code; each fund reads its own of them, while it is responsible.
create function comments_json(plan uuid, wanted_target text, for_fund boolean)
returns json language sql stable parallel safe as $$
    select coalesce(json_agg(c order by c.at, c.id), '[]') from (
        select m.comment_id as id, coalesce(w.name, z.full_name) as author,
            case when m.caseworker_id is null then 'CITIZEN' else 'CASEWORKER' end as author_role,
            m.text, m.written_at as at, m.in_reply_to, m.target,
            case when for_fund then f.code end as fund_code
        from comment m
        join plan p on p.plan_id = m.plan_id
        join citizen z on z.citizen_id = p.citizen_id
        left join caseworker w on w.caseworker_id = m.caseworker_id
        left join organisation f on f.organisation_id = m.readable_by
        where m.plan_id = plan and (wanted_target is null or m.target = wanted_target)
          and (not for_fund or m.readable_by is not null)
    ) c
$$;

create function section_comments(p plan, for_fund boolean, sees boolean)
returns bytea language sql stable parallel safe as $$
    select fragment(json_build_object('comments',
        case when sees then comments_json(p.plan_id, null, for_fund) else '[]' end))
$$;

create function section_description(p plan, for_fund boolean, sees boolean)
returns bytea language sql stable parallel safe as $$
    select fragment(json_build_object('description', (
        select row_to_json(d) from (
            select g.description_variant as variant, x.text, w.name as author, x.updated_at,
                x.covers_rehabilitation_part,
                comments_json(p.plan_id, 'DESCRIPTION', for_fund) as replies
            from plan_description x
            join caseworker w on w.caseworker_id = x.author
            join target_group_period t on t.citizen_id = p.citizen_id and t.valid_to is null
            join target_group g on g.code = t.target_group
            where x.plan_id = p.plan_id and sees and g.description_variant is not null
        ) d)))
$$;

-- Whether a fund still has an item in its inbox on a day: one about a comment only while it may read
-- that comment, so that the item tells nothing of what comes after.
create function keeps_item(i inbox_item, today date) returns boolean language sql stable parallel safe as $$
    select i.kind <> 'COMMENT_NEW' or exists (
        select from comment m
        join plan p on p.plan_id = m.plan_id and p.status = 'ACTIVE'
        join plan_type t on t.code = p.plan_type and t.visible_to_fund
        join case_responsibility r on r.citizen_id = p.citizen_id and r.organisation_id = m.readable_by
        where m.comment_id = i.subject_id and m.readable_by = i.organisation_id
          and r.valid_from <= today and (r.valid_to is null or r.valid_to > today))
$$;

-- A fund reads a corrected agreement of the jobcenter as its newest revision of a visible plan type,
-- and counts those alone; a text that came back after one that it did not read is no correction.
create or replace function agreements_of(p plan, for_fund boolean, sees boolean)
returns table (id uuid, authority text, organisation text, organisation_code text, caseworker text,
    held_at timestamptz, held_on date, mode text, agreement_text text, revision smallint,
    corrected_at timestamptz, hidden_from_unemployment_fund boolean)
language sql stable parallel safe as $$
    select c.conversation_id, c.authority, o.name, o.code, w.name, c.held_at, copenhagen_date(c.held_at),
        c.mode, r.text, r.number, case when r.number > 1 then r.written_at end,
        c.hidden_from_unemployment_fund
    from conversation c
    join organisation o on o.organisation_id = c.organisation_id
    join caseworker w on w.caseworker_id = c.caseworker_id
    join lateral (
        select a.text, a.written_at, a.revision from agreement_revision a
        where a.conversation_id = c.conversation_id
        order by a.revision desc limit 1
    ) newest on true
    -- hardly any agreement is corrected: only those pay for looking at each revision
    join lateral (
        select newest.text, newest.written_at, newest.revision as number
        where not for_fund or c.authority = 'UNEMPLOYMENT_FUND' or newest.revision = 1
        union all
        select * from (
            select s.text, s.written_at, (count(*) over ())::smallint as number from (
                select a.*, lag(a.text) over (order by a.revision) as text_before from agreement_revision a
                where a.conversation_id = c.conversation_id
                  and (a.written_under_plan_type is null
                    or (select t.visible_to_fund from plan_type t where t.code = a.written_under_plan_type))
            ) s
            where s.text is distinct from s.text_before
              and for_fund and c.authority = 'JOBCENTER' and newest.revision > 1
            order by s.revision desc limit 1
        ) seen
    ) r on true
    where c.plan_id = p.plan_id
      and (not for_fund
        or c.authority = 'UNEMPLOYMENT_FUND'
        or (c.authority = 'JOBCENTER' and sees and not hidden_from_fund(c)))
$$;

-- migrate: rollback
-- Forward only: a wrong migration is mended by the next one.

-- name: register_conversation
-- $1 plan, $2 authority, $3 organisation, $4 caseworker, $5 held at, $6 mode, $7 meeting,
-- $8 plan type it is written under, $9 hidden from the fund, $10 now, $11 agreement text
with registered as (
    insert into conversation (plan_id, authority, organisation_id, caseworker_id, held_at, mode, meeting_id,
        written_under_plan_type, hidden_from_unemployment_fund, registered_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
    returning conversation_id
), agreed as (
    -- without a text the latest agreement stays the one before (R60)
    insert into agreement_revision (conversation_id, revision, text, author, written_at)
    select conversation_id, 1, $11::text, $4, $10 from registered where $11::text <> ''
)
select conversation_id from registered;

-- name: booked_meeting
-- The meeting that a conversation names; nothing when it is not one of this plan and authority.
-- $1 meeting, $2 plan, $3 authority
select status, exists (select from conversation c where c.meeting_id = m.meeting_id) as has_conversation
from meeting m where meeting_id = $1 and plan_id = $2 and authority = $3;

-- name: hold_meeting
-- $1 meeting
update meeting set status = 'HELD', status_before_held = status where meeting_id = $1;

-- name: tell_status
-- The latest status of an intervention of this plan, told in a conversation (R82); for a fund
-- those do not exist that it may not see (R87).
-- $1 intervention, $2 plan, $3 text, $4 caseworker, $5 now, $6 whether by a fund, $7 whether a
-- fund may see plans of this type, $8 the plan type it is told under
update intervention set latest_status = $3, latest_status_by = $4, latest_status_at = $5,
    status_under_plan_type = $8
where intervention_id = $1 and plan_id = $2
  and (not $6 or ($7 and not hidden_from_fund(intervention)))
returning intervention_id, hidden_from_fund(intervention) as hidden;

-- name: name_intervention
-- A conversation told the status of an intervention. $1 conversation, $2 intervention
insert into conversation_intervention (conversation_id, intervention_id) values ($1, $2)
on conflict do nothing;

-- name: find_conversation
-- A conversation of the plan with its newest text; nothing where none was agreed, and for a fund that
-- may not know of it. $1 conversation, $2 plan, $3 fund code (null: the jobcenter), $4 whether a
-- fund may see plans of this type
select c.authority, o.code as organisation_code, c.hidden_from_unemployment_fund, c.meeting_id,
    (select not t.visible_to_fund from plan_type t where t.code = c.written_under_plan_type)
        as written_under_hidden_type, r.text as agreement_text,
    exists (select from conversation_intervention x join intervention using (intervention_id)
        where x.conversation_id = c.conversation_id and hidden_from_fund(intervention))
        as names_hidden_intervention
from conversation c
join organisation o on o.organisation_id = c.organisation_id
join lateral (
    select text from agreement_revision a where a.conversation_id = c.conversation_id
    order by a.revision desc limit 1
) r on true
where c.conversation_id = $1 and c.plan_id = $2
  and ($3::text is null or o.code = $3 and c.authority = 'UNEMPLOYMENT_FUND'
    or $4 and (c.authority = 'UNEMPLOYMENT_FUND' or not hidden_from_fund(c)));

-- name: correct_agreement
-- A new revision; what was published stays (R68). $1 conversation, $2 text, $3 caseworker, $4 now,
-- $5 plan type it is written under
insert into agreement_revision (conversation_id, revision, text, author, written_at, written_under_plan_type)
select $1, count(*) + 1, $2, $3, $4, $5 from agreement_revision where conversation_id = $1;

-- name: hide_conversation
-- $1 conversation, $2 whether it is hidden from the fund
update conversation set hidden_from_unemployment_fund = $2 where conversation_id = $1;

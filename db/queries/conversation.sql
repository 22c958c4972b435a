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
-- fund may see plans of this type
update intervention set latest_status = $3, latest_status_by = $4, latest_status_at = $5
where intervention_id = $1 and plan_id = $2
  and (not $6 or ($7 and not hidden_from_fund(intervention)))
returning intervention_id;

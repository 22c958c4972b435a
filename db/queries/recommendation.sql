-- name: send_recommendation
-- $1 plan, $2 caseworker of the fund, $3 proposed kind, $4 text, $5 wanted start, $6 now
insert into joint_recommendation (plan_id, created_by, citizen_agrees, proposed_kind, text, wanted_start,
    sent_at, status)
values ($1, $2, true, $3, $4, $5, $6, 'SENT')
returning joint_recommendation_id;

-- name: read_recommendation
-- Its state and the fund that sent it. $1 recommendation, $2 plan
select j.status, j.proposed_kind, w.organisation_id as fund_id
from joint_recommendation j
join caseworker w on w.caseworker_id = j.created_by
where j.joint_recommendation_id = $1 and j.plan_id = $2 and j.status <> 'DRAFT';

-- name: decide_recommendation
-- $1 recommendation, $2 GRANTED or REJECTED, $3 caseworker, $4 now, $5 plan type it is decided under
update joint_recommendation
set status = $2, decided_by = $3, decided_at = $4, decided_under_plan_type = $5
where joint_recommendation_id = $1;

-- name: link_recommendation
-- $1 interventions that were created as it was granted, $2 recommendation
update intervention set joint_recommendation_id = $2 where intervention_id = any ($1::uuid[]);

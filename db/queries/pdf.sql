-- name: read_contract
-- The PDF of a plan's contract; the caller has read the plan as its viewer may. $1 plan
select document from integration_contract where plan_id = $1;

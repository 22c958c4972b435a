-- name: is_acknowledged
-- Whether the audience's current version has its receipt: one that a fund sees stands for the
-- fund, also where the full document has moved on. $1 plan, $2 audience
select exists (select from plan_document
    where plan_id = $1 and audience = $2 and acknowledgement is not null);

-- name: acknowledge
-- Stores the receipt and shows it on the current documents, without a new version. A fund whose
-- own number has its receipt keeps that one: a later one would tell of what it may not see. Where
-- only the fund's document waits for its receipt, the full one keeps the one it has.
-- $1 plan, $2 version, $3 the fund's number, $4 method, $5 now, $6 caseworker, $7 note,
-- $8 the citizen's name, null where a caseworker stores it
with stored as (
    insert into acknowledgement (plan_id, number, fund_number, method, acknowledged_at, caseworker_id, note)
    values ($1, $2, $3, $4, $5, $6, $7)
)
update plan_document d
set acknowledgement = convert_to(json_build_object('version', d.number, 'method', $4::text,
    'at', $5::timestamptz, 'by', coalesce($8::text, (select name from caseworker where caseworker_id = $6)),
    'note', $7::text)::text, 'UTF8')
where d.plan_id = $1 and d.acknowledgement is null;

-- name: citizen_name
-- $1 citizen
select full_name from citizen where citizen_id = $1;

-- name: plan_agreement
-- $1 plan
select citizen_agrees, agreement_comment from plan where plan_id = $1;

-- name: set_plan_agreement
-- $1 plan, $2 agrees (null: not said), $3 comment
update plan set citizen_agrees = $2, agreement_comment = $3 where plan_id = $1;

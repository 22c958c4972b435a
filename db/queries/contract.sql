-- name: store_contract
-- One contract a plan; a new one takes its place. $1 plan, $2 PDF, $3 file name, $4 signed on,
-- $5 Danish goal, $6 valid until
insert into integration_contract (plan_id, document, file_name, signed_on, danish_goal, valid_until)
values ($1, $2, $3, $4, $5, $6)
on conflict (plan_id) do update set
    document = excluded.document,
    file_name = excluded.file_name,
    signed_on = excluded.signed_on,
    danish_goal = excluded.danish_goal,
    valid_until = excluded.valid_until;

-- name: store_contract
-- One contract a plan; a new one takes its place, the same again changes nothing. $1 plan, $2 PDF,
-- $3 file name, $4 signed on, $5 Danish goal, $6 valid until, $7 now
insert into integration_contract as stored (plan_id, document, file_name, signed_on, danish_goal, valid_until, attached_at)
values ($1, $2, $3, $4, $5, $6, $7)
on conflict (plan_id) do update set
    document = excluded.document,
    file_name = excluded.file_name,
    signed_on = excluded.signed_on,
    danish_goal = excluded.danish_goal,
    valid_until = excluded.valid_until,
    attached_at = excluded.attached_at
where (stored.document, stored.file_name, stored.signed_on, stored.danish_goal, stored.valid_until)
    is distinct from (excluded.document, excluded.file_name, excluded.signed_on, excluded.danish_goal,
        excluded.valid_until);

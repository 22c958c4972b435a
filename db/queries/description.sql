-- name: write_description
-- The author stays where nothing is changed. $1 plan, $2 text, $3 caseworker, $4 now,
-- $5 whether it covers the rehabilitation part
insert into plan_description as stored (plan_id, text, author, updated_at, covers_rehabilitation_part)
values ($1, $2, $3, $4, $5)
on conflict (plan_id) do update set
    text = excluded.text,
    author = excluded.author,
    updated_at = excluded.updated_at,
    covers_rehabilitation_part = excluded.covers_rehabilitation_part
where (stored.text, stored.covers_rehabilitation_part)
    is distinct from (excluded.text, excluded.covers_rehabilitation_part);

-- name: remove_description
-- $1 plan
delete from plan_description where plan_id = $1;

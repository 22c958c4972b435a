-- name: write_comment
-- $1 plan, $2 caseworker (null: the citizen), $3 text, $4 now, $5 the comment it answers, $6 target,
-- $7 the fund that may read it (null: none)
insert into comment (plan_id, caseworker_id, text, written_at, in_reply_to, target, readable_by)
values ($1, $2, $3, $4, $5, $6, $7)
returning comment_id;

-- name: find_comment
-- A comment by the citizen, to be answered; nothing where the viewer may not read it.
-- $1 comment, $2 plan, $3 the fund that asks (null: the jobcenter)
select target, readable_by from comment
where comment_id = $1 and plan_id = $2 and caseworker_id is null
  and ($3::uuid is null or readable_by = $3);

-- name: has_description
-- $1 plan
select exists (select from plan_description where plan_id = $1);

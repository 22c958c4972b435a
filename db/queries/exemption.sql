-- name: register_exemptions
-- What the registers know of a citizen, not what was decided individually. $1 citizen
select kind, valid_from, valid_to from digital_exemption
where citizen_id = $1 and kind <> 'INDIVIDUAL'
order by kind, valid_from;

-- name: drop_register_exemptions
-- $1 citizen
delete from digital_exemption where citizen_id = $1 and kind <> 'INDIVIDUAL';

-- name: add_register_exemption
-- $1 citizen, $2 kind, $3 from, $4 to
insert into digital_exemption (citizen_id, kind, valid_from, valid_to) values ($1, $2, $3, $4);

-- name: end_exemptions
-- A new decision takes over from its first day what an earlier one of its kind decided.
-- $1 citizen, $2 kind, $3 first day
update digital_exemption set valid_to = $3
where citizen_id = $1 and kind = $2 and valid_from < $3 and (valid_to is null or valid_to > $3);

-- name: drop_exemptions
-- Decisions of the same kind that begin later than the new one. $1 citizen, $2 kind, $3 first day
delete from digital_exemption where citizen_id = $1 and kind = $2 and valid_from >= $3;

-- name: exempt
-- $1 citizen, $2 kind, $3 from, $4 to, $5 reason, $6 caseworker
insert into digital_exemption (citizen_id, kind, valid_from, valid_to, reason, decided_by)
values ($1, $2, $3, $4, $5, $6);

-- name: complete_letter_task
-- $1 plan, $2 version, $3 now, $4 caseworker; nothing when there is no open task for the version
update letter_task l set status = 'SENT', sent_at = $3, sent_by = $4
where l.plan_id = $1 and l.version = $2 and l.status = 'OPEN'
returning l.letter_task_id, fund_knows(l) as fund_knows;

-- name: version_of_letter_task
-- Nothing for a fund that may not know of the letter. $1 plan, $2 letter task, $3 whether by a fund
select version from letter_task l
where plan_id = $1 and letter_task_id = $2 and (not $3 or fund_knows(l));

-- name: memberships
-- Oldest first. $1 citizen
select o.code as fund, m.insurance, m.valid_from, m.valid_to
from membership m join organisation o on o.organisation_id = m.fund_id
where m.citizen_id = $1
order by m.valid_from;

-- name: end_membership_before
-- An earlier membership ends where the new one begins. $1 citizen, $2 from
update membership set valid_to = $2
where citizen_id = $1 and valid_from < $2 and (valid_to is null or valid_to > $2);

-- name: drop_memberships_within
-- What lies inside the new period was a mistake. $1 citizen, $2 from, $3 to
delete from membership
where citizen_id = $1 and valid_from >= $2
  and ($3::date is null or valid_from < $3)
  and ($3::date is null or valid_to <= $3 or valid_from = $2);

-- name: begin_membership_after
-- What reaches beyond the new period begins where that ends. $1 citizen, $2 from, $3 to
update membership set valid_from = $3
where citizen_id = $1 and valid_from > $2 and valid_from < $3;

-- name: add_membership
-- $1 citizen, $2 fund, $3 insurance, $4 from, $5 to
insert into membership (citizen_id, fund_id, insurance, valid_from, valid_to)
values ($1, $2, $3, $4, $5);

-- name: list_inbox
-- What an organisation has to look at, newest first, of citizens still within its reach; letters
-- to exempt citizens (R115) lie with the authority responsible on the day; a letter about what a
-- fund may not know lies with the jobcenter all the same.
-- $1 organisation kind, $2 its code, $3 today, $4 below this id (null: from the newest), $5 rows
with mine as (
    select organisation_id, kind, code from organisation where kind = $1 and code = $2
), item as (
    select i.inbox_item_id as id, i.citizen_id, i.kind, i.subject_id, i.created_at
    from mine join inbox_item i using (organisation_id)
    where i.done_at is null
    union all
    select l.letter_task_id, p.citizen_id, 'LETTER_TASK', l.letter_task_id, l.created_at
    from mine
    join case_responsibility r using (organisation_id)
    join plan p on p.citizen_id = r.citizen_id
    join letter_task l on l.plan_id = p.plan_id
    where l.status = 'OPEN' and r.valid_from <= $3 and (r.valid_to is null or r.valid_to > $3)
      and (mine.kind = 'JOBCENTER' or fund_knows(l))
    union all
    select l.letter_task_id, p.citizen_id, 'LETTER_TASK', l.letter_task_id, l.created_at
    from mine
    join citizen z on z.municipality_code = mine.code and mine.kind = 'JOBCENTER'
    join plan p on p.citizen_id = z.citizen_id
    join letter_task l on l.plan_id = p.plan_id
    join case_responsibility r on r.citizen_id = p.citizen_id
    where l.status = 'OPEN' and r.valid_from <= $3 and (r.valid_to is null or r.valid_to > $3)
      and r.authority = 'UNEMPLOYMENT_FUND' and not fund_knows(l)
)
select item.*, c.given_name, c.middle_name, c.surname, c.full_name
from item
cross join mine
join citizen c on c.citizen_id = item.citizen_id
where ($4::uuid is null or item.id < $4)
  and case mine.kind
    when 'JOBCENTER' then c.municipality_code = mine.code
    else exists (
        select from membership m
        where m.citizen_id = c.citizen_id and m.fund_id = mine.organisation_id
          and m.valid_from <= $3 and (m.valid_to is null or m.valid_to > $3)) end
order by item.id desc
limit $5;

-- name: put_into_inbox
-- Something an organisation looks at, once while it is open. $1 kind and $2 code of the
-- organisation, $3 citizen, $4 kind of item, $5 what it is about (null: the citizen), $6 now
insert into inbox_item (organisation_id, citizen_id, kind, subject_id, created_at)
select organisation_id, $3, $4, $5, $6 from organisation where kind = $1 and code = $2
on conflict do nothing
returning inbox_item_id;

-- name: settle_inbox_items
-- Open items of a kind are done with. $1 citizen, $2 kind, $3 subject (null: any), $4 now
update inbox_item i set done_at = $4
from organisation o
where i.citizen_id = $1 and i.kind = $2 and i.done_at is null and ($3::uuid is null or i.subject_id = $3)
  and o.organisation_id = i.organisation_id
returning o.kind;

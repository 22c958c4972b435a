-- name: list_inbox
-- What an organisation has to look at, or what is done of it, newest first, of citizens within its
-- reach; letters to exempt citizens (R115) lie with the authority responsible on the day; a letter
-- about what a fund may not know lies with the jobcenter all the same.
-- $1 organisation kind, $2 its code, $3 today, $4 below this id (null: from the newest), $5 rows,
-- $6 whether done, $7 kinds (null: all)
with mine as materialized (
    select o from organisation o where o.kind = $1 and o.code = $2
), own as (
    select i.inbox_item_id as id, i.citizen_id, i.kind, i.subject_id, i.created_at, i.done_at, i.done_by
    from inbox_item i
    where i.organisation_id = (select (o).organisation_id from mine) and i.done = $6
      and ($4::uuid is null or i.inbox_item_id < $4) and ($7::text[] is null or i.kind = any ($7))
      and reaches((select o from mine), i.citizen_id, $3) and ($1 = 'JOBCENTER' or keeps_item(i, $3))
    order by i.inbox_item_id desc
    limit $5
), people as (
    select z.citizen_id from citizen z where $1 = 'JOBCENTER' and z.municipality_code = $2
    union all
    select m.citizen_id from mine join membership m on m.fund_id = (mine.o).organisation_id
    where $1 = 'UNEMPLOYMENT_FUND' and m.valid_from <= $3 and (m.valid_to is null or m.valid_to > $3)
), chosen as (
    -- few letters wait at a time, so they are where to begin; those sent are ever more
    select l, p.citizen_id
    from letter_task l
    join plan p on p.plan_id = l.plan_id
    where not $6 and l.status = 'OPEN'
    union all
    select l, p.citizen_id
    from people
    join plan p on p.citizen_id = people.citizen_id
    join letter_task l on l.plan_id = p.plan_id
    where $6 and l.status = 'SENT'
), letter as (
    select x.l, x.citizen_id
    from chosen x
    cross join mine
    join citizen z on z.citizen_id = x.citizen_id
    join case_responsibility r on r.citizen_id = x.citizen_id
    where r.valid_from <= $3 and (r.valid_to is null or r.valid_to > $3)
      and case $1
          when 'JOBCENTER' then z.municipality_code = $2
              and (r.organisation_id = (mine.o).organisation_id
                or (r.authority = 'UNEMPLOYMENT_FUND' and not fund_knows(x.l)))
          else r.organisation_id = (mine.o).organisation_id
              and reaches(mine.o, x.citizen_id, $3) and fund_knows(x.l) end
), item as (
    select * from own
    union all
    select (l).letter_task_id, citizen_id, 'LETTER_TASK', (l).letter_task_id, (l).created_at, (l).sent_at,
        (l).sent_by
    from letter
    where ($4::uuid is null or (l).letter_task_id < $4)
      and ($7::text[] is null or 'LETTER_TASK' = any ($7))
)
select item.id, item.citizen_id, item.kind, item.subject_id, item.created_at, item.done_at, w.name as done_by,
    c.given_name, c.middle_name, c.surname, c.full_name
from item
join citizen c on c.citizen_id = item.citizen_id
left join caseworker w on w.caseworker_id = item.done_by
order by item.id desc
limit $5;

-- name: inbox_item_citizen
-- Whose item of an organisation it is. $1 item, $2 organisation kind, $3 its code
select i.citizen_id from inbox_item i join organisation o using (organisation_id)
where i.inbox_item_id = $1 and o.kind = $2 and o.code = $3;

-- name: set_inbox_item_done
-- Done or open again; who did it first stays. Nothing for an item that its organisation no longer
-- keeps; a task that lies with another authority by now is not opened again. $1 item, $2 whether done, $3 caseworker, $4 now, $5 today
with stored as (
    select i, o.kind as authority from inbox_item i join organisation o using (organisation_id)
    where i.inbox_item_id = $1 and (o.kind = 'JOBCENTER' or keeps_item(i, $5))
), changed as (
    update inbox_item i
    set (done_at, done_by) = (case when $2 then $4::timestamptz end, case when $2 then $3::uuid end)
    from stored
    where i.inbox_item_id = $1 and i.done is distinct from $2
      -- the same matter came up again and is open: there is one of it at a time
      and ($2 or not exists (select from inbox_item x
            where x.organisation_id = i.organisation_id and x.citizen_id = i.citizen_id and x.kind = i.kind
              and x.subject_id is not distinct from i.subject_id and not x.done))
      and ($2 or i.kind not in ('MISSING_SOUGHT_JOB', 'FIRST_PLAN_OVERDUE')
        or i.organisation_id in (select organisation_id from office_of_tasks(i.citizen_id, $5)))
    returning i.inbox_item_id, i.done_at, i.done_by
)
select (s.i).inbox_item_id as id, (s.i).citizen_id, (s.i).kind, (s.i).subject_id, (s.i).created_at,
    case when n.inbox_item_id is null then (s.i).done_at else n.done_at end as done_at, w.name as done_by,
    c.given_name, c.middle_name, c.surname, c.full_name, s.authority, n.inbox_item_id is not null as changed
from stored s
join citizen c on c.citizen_id = (s.i).citizen_id
left join changed n on true
left join caseworker w
    on w.caseworker_id = case when n.inbox_item_id is null then (s.i).done_by else n.done_by end;

-- name: put_into_inbox
-- Something an organisation looks at, once while it is open. $1 kind and $2 code of the
-- organisation, $3 citizen, $4 kind of item, $5 what it is about (null: the citizen), $6 now
insert into inbox_item (organisation_id, citizen_id, kind, subject_id, created_at)
select organisation_id, $3, $4, $5, $6 from organisation where kind = $1 and code = $2
on conflict do nothing
returning inbox_item_id;

-- name: settle_inbox_items
-- Open items of a kind are done with. $1 citizen, $2 kind, $3 subject (null: any), $4 now,
-- $5 kind of organisation (null: any)
update inbox_item i set done_at = $4
from organisation o
where i.citizen_id = $1 and i.kind = $2 and i.done_at is null and ($3::uuid is null or i.subject_id = $3)
  and o.organisation_id = i.organisation_id and ($5::text is null or o.kind = $5)
returning o.kind;

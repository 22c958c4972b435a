-- The delivery ledger: one message for all that waits, attempts before they are made, receipts.
-- depends: 0019_code_list

-- migrate: apply
-- whoever still works by the old shape has ended, or fails; see CHANGELOG
lock table notice, delivery in access exclusive mode;

-- What the event of a notice is about, where it is one thing: a meeting, an agreement, an intervention.
alter table notice add subject_id uuid;
create index notice_by_subject on notice (subject_id) where subject_id is not null;

-- A delivery is one message to one citizen. What it tells of stands beside it: each notice has at most one
-- row a channel, and that row says what became of it there.
create table delivery_notice (
    notice_id uuid not null references notice on delete cascade,
    channel text not null,
    delivery_id uuid not null,
    -- why the message does not tell of it after all
    withdrawn text,
    primary key (notice_id, channel)
);
insert into delivery_notice (notice_id, channel, delivery_id)
select notice_id, channel, delivery_id from delivery where notice_id is not null;
create index delivery_notice_of_delivery on delivery_notice (delivery_id);

-- One row for each time that a provider is called, committed before the call. Its number is that of the
-- claim which makes it; the provider quotes both back.
create table delivery_attempt (
    delivery_id uuid not null,
    number smallint not null,
    provider text not null,
    begun_at timestamptz not null,
    ended_at timestamptz,
    -- LOST: its worker never told. NOT_SENT: its claim ran out before the call.
    outcome text check (outcome in ('ACCEPTED', 'RETRY', 'REFUSED', 'UNCERTAIN', 'LOST', 'NOT_SENT')),
    reason text,
    provider_id text check (length(provider_id) <= 100),
    -- what the policy chose for an uncertain one: a possible duplicate, or a possible silence
    decision text check (decision in ('RESEND', 'SILENCE')),
    primary key (delivery_id, number)
);
insert into delivery_attempt (delivery_id, number, provider, begun_at, ended_at, outcome, reason, provider_id)
select delivery_id, 1, lower(channel), coalesce(first_tried_at, due_at), settled_at,
    case status when 'SENT' then 'ACCEPTED' when 'UNCERTAIN' then 'UNCERTAIN' when 'FAILED' then 'REFUSED'
        when 'CLAIMED' then null else 'RETRY' end,
    outcome, left(provider_id, 100)
from delivery where claim > 0 and (attempts > 0 or status = 'CLAIMED');

-- What a provider told afterwards of an attempt; `at` is its own time.
create table delivery_receipt (
    delivery_id uuid not null,
    number smallint not null,
    provider text not null,
    status text not null check (length(status) between 1 and 40),
    -- ACCEPTED: not final, but the provider has it
    verdict text not null check (verdict in ('ACCEPTED', 'DELIVERED', 'FAILED', 'EXPIRED')),
    code text check (length(code) <= 20),
    at timestamptz not null,
    received_at timestamptz not null,
    primary key (delivery_id, number, provider, status, at),
    foreign key (delivery_id, number) references delivery_attempt on delete cascade
);

-- The sends that a provider still allows, as the time up to which they are spent.
create table send_rate (
    provider text primary key,
    spent_until timestamptz not null
);

drop index delivery_open, delivery_identical, delivery_code_open;
drop function is_overtaken;
alter table delivery
    drop constraint delivery_status_check,
    add check (status in ('PENDING', 'CLAIMED', 'RETRYING', 'SENT', 'DELIVERED', 'UNCERTAIN', 'FAILED',
        'DROPPED', 'EXPIRED')),
    -- the first instant at which it might be sent; `due_at` is when it is looked at next
    add ready_at timestamptz,
    -- when the provider took it
    add accepted_at timestamptz,
    add decision text check (decision in ('RESEND', 'SILENCE')),
    add decided_at timestamptz,
    -- since when its day of attempts counts anew: an operator's wish, or a notice that joined later
    add retried_at timestamptz,
    -- claims that were lost before an attempt
    add losses smallint not null default 0,
    -- the message that tells of its notices instead
    add merged_into uuid;
update delivery set ready_at = coalesce(first_tried_at, due_at), claim = least(claim, 1),
    accepted_at = case status when 'SENT' then settled_at end,
    -- what was uncertain before was left so for good
    decision = case status when 'UNCERTAIN' then 'SILENCE' end,
    decided_at = case status when 'UNCERTAIN' then settled_at end,
    status = case when status = 'PENDING' and attempts > 0 then 'RETRYING' else status end;
alter table delivery
    alter column ready_at set not null,
    drop column notice_id, drop column text_key, drop column attempts, drop column first_tried_at,
    drop column provider_id,
    add foreign key (citizen_id) references citizen on delete cascade,
    add check ((status = 'CLAIMED') = (claimed_until is not null)),
    add check (status not in ('SENT', 'DELIVERED') or accepted_at is not null),
    add check ((outcome = 'merged') = (merged_into is not null) or outcome is null and merged_into is null),
    -- the ledger changes each row some times: room for it on the same page, and swept soon
    set (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000);
alter table delivery_notice add foreign key (delivery_id) references delivery on delete cascade;
alter table delivery_attempt add foreign key (delivery_id) references delivery on delete cascade;

-- Messages that wait for the same citizen on the same channel become one: the oldest.
with doubled as (
    select delivery_id, first_value(delivery_id) over (partition by citizen_id, channel order by delivery_id) as first
    from delivery where status in ('PENDING', 'RETRYING') and contact_code_id is null
), moved as (
    update delivery_notice n set delivery_id = d.first
    from doubled d where n.delivery_id = d.delivery_id and d.first <> d.delivery_id
)
update delivery d set status = 'DROPPED', outcome = 'merged', merged_into = x.first, settled_at = d.due_at
from doubled x where d.delivery_id = x.delivery_id and x.first <> x.delivery_id;

-- A message is open to further notices until it is claimed; one that is sent again on suspicion is not.
create unique index delivery_open_once on delivery (citizen_id, channel)
    where status in ('PENDING', 'RETRYING') and contact_code_id is null and decision is null;
create index delivery_due on delivery (channel, due_at)
    where status in ('PENDING', 'RETRYING') and contact_code_id is null;
create index delivery_code_due on delivery (channel, due_at)
    where status in ('PENDING', 'RETRYING') and contact_code_id is not null;
create index delivery_claimed on delivery (claimed_until) where status = 'CLAIMED';
create index delivery_undecided on delivery (due_at) where status = 'UNCERTAIN' and settled_at is null;
create index delivery_by_readiness on delivery (ready_at);
create index delivery_of_citizen on delivery (citizen_id);

-- The moves that the ledger knows (docs/delivery.md); final are SENT (where no receipt comes), DELIVERED,
-- FAILED, DROPPED, EXPIRED, and UNCERTAIN once it is decided.
create function refuse_impossible_move() returns trigger language plpgsql as $$
begin
    if new.status = old.status or (case old.status
        when 'PENDING' then new.status in ('CLAIMED', 'DROPPED')
        when 'RETRYING' then new.status in ('CLAIMED', 'DROPPED', 'SENT', 'DELIVERED')
        when 'CLAIMED' then new.status <> 'DELIVERED'
        when 'SENT' then new.status in ('DELIVERED', 'FAILED', 'EXPIRED')
        when 'UNCERTAIN' then new.status in ('SENT', 'DELIVERED', 'FAILED', 'EXPIRED', 'RETRYING')
        when 'FAILED' then new.status in ('RETRYING', 'DELIVERED', 'EXPIRED')
        when 'EXPIRED' then new.status in ('RETRYING', 'DELIVERED')
        else false end)
        -- it is to be sent again after all, and another message to the same citizen waits
        or (old.status in ('FAILED', 'EXPIRED', 'UNCERTAIN') and new.status = 'DROPPED'
            and new.merged_into is not null)
    then
        return new;
    end if;
    raise exception 'a delivery does not go from % to %', old.status, new.status using errcode = 'check_violation';
end $$;
create trigger delivery_moves before update of status on delivery
    for each row execute function refuse_impossible_move();

-- Why a notice needs no telling on a channel any more; null while it does. Several reminders may share one
-- notice (R127): it is told while one of them stands.
create function overtaken_by(n notice, on_channel text, at timestamptz)
returns text language sql stable parallel safe as $$
    select case
        when exists (select from plan p where p.plan_id = n.plan_id and p.closed_at > n.created_at) then 'plan_closed'
        when n.event in ('MEETING_REMINDER', 'STEP_DEADLINE_REMINDER', 'ACK_REMINDER') then
            case when not exists (
                select from scheduled_event e
                where e.citizen_id = n.citizen_id and e.kind = n.event and e.fired_at >= n.created_at
                  and still_stands(e, at)) then 'past' end
        when n.subject_id is null then null
        when n.event in ('OFFER_GIVEN', 'AGREEMENT_NEW') then
            case when exists (select from intervention i
                where i.intervention_id = n.subject_id and i.cancelled_at is not null) then 'cancelled' end
        when n.event in ('MEETING_NEW', 'MEETING_CHANGED') then
            case when exists (
                select from notice later join delivery_notice l using (notice_id)
                where later.subject_id = n.subject_id and later.created_at > n.created_at
                  and later.event in ('MEETING_NEW', 'MEETING_CHANGED') and l.channel = on_channel) then 'superseded'
            when exists (select from meeting m where m.meeting_id = n.subject_id and m.ends_at < at)
                or exists (select from other_agreement o where o.other_agreement_id = n.subject_id
                    and coalesce(o.ends_at, o.starts_at) < at) then 'past' end
    end
$$;

-- A message goes back to those that wait, or gives its notices to the one that waits already. Its row is
-- locked by the caller. What it has become.
create function reopen_delivery(id uuid, as_status text, due timestamptz, why text, at timestamptz)
returns text language plpgsql as $$
declare
    own delivery;
    other uuid;
begin
    select * into own from delivery where delivery_id = id;
    loop
        if own.contact_code_id is null and own.decision is null then
            select o.delivery_id into other from delivery o
            where o.citizen_id = own.citizen_id and o.channel = own.channel and o.contact_code_id is null
                and o.decision is null and o.status in ('PENDING', 'RETRYING')
            for update;
        end if;
        if other is not null then
            update delivery_notice set delivery_id = other where delivery_id = id and withdrawn is null;
            update delivery set status = 'DROPPED', outcome = 'merged', merged_into = other, settled_at = at,
                claimed_until = null
            where delivery_id = id;
            return 'DROPPED';
        end if;
        begin
            update delivery set status = as_status, outcome = why, due_at = due, claimed_until = null,
                settled_at = null, accepted_at = null
            where delivery_id = id;
            return as_status;
        exception when unique_violation then
            -- one was opened meanwhile: it is committed by now, and found
        end;
    end loop;
end $$;

-- Whether an attempt told of all that its message has to tell: nothing has joined since it was begun.
create function tells_all(id uuid, attempt smallint) returns boolean language sql stable parallel safe as $$
    select not exists (
        select from delivery_attempt a
        join delivery_notice x on x.delivery_id = a.delivery_id and x.withdrawn is null
        join notice n on n.notice_id = x.notice_id and n.created_at > a.begun_at
        where a.delivery_id = id and a.number = attempt)
$$;

-- What receipts make of deliveries whose rows the caller has locked. A delivered attempt settles everything;
-- a final refusal counts for the last attempt; an attempt that is under way at the provider tells that it was
-- accepted. An attempt with a final word is under way no more, whatever else comes of it.
create function settle_by_receipts(ids uuid[], at timestamptz) returns void language sql as $$
    update delivery d
    set status = v.status, settled_at = $2, claimed_until = null,
        outcome = case when v.status in ('FAILED', 'EXPIRED') then coalesce(v.code, 'receipt') end,
        accepted_at = coalesce(d.accepted_at, v.first_told)
    from (
        select t.delivery_id, min(t.first_told) as first_told, max(t.code) as code,
            case
                when bool_or(t.delivered and (t.number = own.claim or tells_all(t.delivery_id, t.number)))
                    then 'DELIVERED'
                when own.status in ('SENT', 'UNCERTAIN', 'FAILED') and bool_or(t.expired and t.number = own.claim)
                    then 'EXPIRED'
                when own.status in ('SENT', 'UNCERTAIN') and bool_or(t.failed and t.number = own.claim) then 'FAILED'
                when own.status in ('UNCERTAIN', 'RETRYING') and bool_or(t.under_way) then 'SENT'
                else own.status
            end as status
        from (
            select r.delivery_id, r.number, min(r.received_at) as first_told,
                max(r.code) filter (where r.verdict <> 'ACCEPTED') as code,
                bool_or(r.verdict = 'DELIVERED') as delivered, bool_or(r.verdict = 'EXPIRED') as expired,
                bool_or(r.verdict = 'FAILED') as failed, bool_and(r.verdict = 'ACCEPTED') as under_way
            from delivery_receipt r where r.delivery_id = any ($1) group by r.delivery_id, r.number
        ) t join delivery own using (delivery_id)
        where own.status in ('SENT', 'UNCERTAIN', 'FAILED', 'EXPIRED')
            or own.status = 'RETRYING' and tells_all(t.delivery_id, t.number)
        group by t.delivery_id, own.status, own.claim
    ) v
    where d.delivery_id = v.delivery_id and d.status <> v.status
$$;

-- The functions below are planned for the rows that they are given and the tables as they have become: a plan
-- that was made while the ledger was empty would read all of it, for as long as a session lives.

-- Whether a citizen gets letters on a day instead of SMS and e-mail (R115).
create function is_exempt(citizen uuid, today date) returns boolean language sql stable parallel safe as $$
    select exists (select from digital_exemption
        where citizen_id = citizen and valid_from <= today and (valid_to is null or valid_to > today))
$$;

-- The claims that are still held get an attempt each, unless nothing is to be told any more or nowhere to.
-- Committed before any provider is called; the address is the one of now.
create function begin_attempts(ids uuid[], claims smallint[], by text, at timestamptz, code_life interval)
returns table (delivery_id uuid, claim smallint, address text, events text[], tries bigint,
    first_tried_at timestamptz, contact_code_id uuid, asked_at timestamptz, status text, outcome text)
language plpgsql
set plan_cache_mode = force_custom_plan as $$
#variable_conflict use_column
declare
    held uuid[];
    today date := copenhagen_date(at);
begin
    select array_agg(h.delivery_id) into held from (
        select d.delivery_id from unnest(ids, claims) c (delivery_id, claim)
        join delivery d on d.delivery_id = c.delivery_id and d.claim = c.claim and d.status = 'CLAIMED'
            and d.claimed_until > at
        order by d.delivery_id for update of d) h;

    -- a receipt of an earlier attempt came while this claim was held: nothing is sent again
    if exists (select from delivery_receipt r where r.delivery_id = any (held)) then
        update delivery d set status = 'SENT', accepted_at = coalesce(d.accepted_at, at), settled_at = at,
            claimed_until = null
        where d.delivery_id = any (held) and exists (select from delivery_receipt r
            where r.delivery_id = d.delivery_id and tells_all(r.delivery_id, r.number) group by r.number
            having bool_or(r.verdict = 'DELIVERED') or bool_and(r.verdict = 'ACCEPTED'));
        perform settle_by_receipts(held, at);
        select array_agg(d.delivery_id) into held from delivery d
        where d.delivery_id = any (held) and d.status = 'CLAIMED';
    end if;

    update delivery_notice x set withdrawn = o.why
    from (select y.notice_id, y.channel, overtaken_by(n, y.channel, at) as why
        from delivery_notice y join notice n using (notice_id)
        where y.delivery_id = any (held) and y.withdrawn is null) o
    where x.notice_id = o.notice_id and x.channel = o.channel and o.why is not null;

    -- a number that was changed a moment ago may yet be verified: the message waits for that
    perform reopen_delivery(u.delivery_id, case when exists (select from delivery_attempt a
            where a.delivery_id = u.delivery_id) then 'RETRYING' else 'PENDING' end,
        c.asked_at + code_life, 'unverified', at)
    from delivery u
    join notification_preference p using (citizen_id)
    join contact_code c on c.citizen_id = u.citizen_id and c.channel = u.channel and c.ended_at is null
    where u.delivery_id = any (held) and u.contact_code_id is null and c.asked_at + code_life > at
        and case u.channel when 'SMS' then p.sms and p.sms_verified_at is null
            else p.email and p.email_verified_at is null end;

    -- who needs letters now gets one of each version that the message would have told of (R115)
    insert into letter_task (plan_id, version, created_at)
    select v.plan_id, v.number, v.published_at
    from delivery u
    join delivery_notice x using (delivery_id)
    join notice n using (notice_id)
    join plan q on q.plan_id = n.plan_id and q.status = 'ACTIVE'
    join plan_version v on v.plan_id = n.plan_id and v.audience = 'FULL' and v.number = n.version
    where u.delivery_id = any (held) and u.status = 'CLAIMED' and x.withdrawn is null
        and is_exempt(u.citizen_id, today)
    on conflict do nothing;

    return query update delivery d
    set status = 'DROPPED', outcome = w.why, settled_at = at, claimed_until = null
    from (
        select u.delivery_id, case
            when c.contact_code_id is not null and c.ended_at is not null then 'superseded'
            when c.contact_code_id is null and not exists (select from delivery_notice x
                where x.delivery_id = u.delivery_id and x.withdrawn is null)
                then coalesce((select max(x.withdrawn) from delivery_notice x where x.delivery_id = u.delivery_id),
                    'withdrawn')
            when not coalesce(case u.channel when 'SMS' then p.sms else p.email end, false) then 'opted_out'
            when c.contact_code_id is not null then null
            when case u.channel when 'SMS' then p.sms_verified_at else p.email_verified_at end is null
                then 'unverified'
            when is_exempt(u.citizen_id, today) then 'exempt'
        end as why
        from delivery u
        left join notification_preference p using (citizen_id)
        left join contact_code c using (contact_code_id)
        where u.delivery_id = any (held) and u.status = 'CLAIMED'
    ) w
    where d.delivery_id = w.delivery_id and w.why is not null
    returning d.delivery_id, d.claim, null::text, null::text[], null::bigint, null::timestamptz,
        d.contact_code_id, null::timestamptz, d.status, d.outcome;

    insert into delivery_attempt (delivery_id, number, provider, begun_at)
    select d.delivery_id, d.claim, by, at from delivery d where d.delivery_id = any (held) and d.status = 'CLAIMED';

    return query select d.delivery_id, d.claim,
        case d.channel when 'SMS' then p.sms_number else p.email_address end,
        array(select n.event from delivery_notice x join notice n using (notice_id)
            where x.delivery_id = d.delivery_id and x.withdrawn is null),
        t.tries, t.first_tried_at, d.contact_code_id, c.asked_at, d.status, d.outcome
    from delivery d
    join notification_preference p using (citizen_id)
    left join contact_code c using (contact_code_id)
    cross join lateral (select count(*) as tries, min(a.begun_at) as first_tried_at
        from delivery_attempt a
        where a.delivery_id = d.delivery_id and (d.retried_at is null or a.begun_at >= d.retried_at)) t
    where d.delivery_id = any (held) and d.status = 'CLAIMED';
end $$;

-- What became of attempts. Each writes down the fact of its own attempt; the delivery moves only by the claim
-- that holds it, or that held it last before it was taken for lost. RETRYING needs `dues`, as UNCERTAIN does
-- for its decision. The status that each delivery has now; null where another claim has it.
create function settle_deliveries(ids uuid[], claims smallint[], outcomes text[], statuses text[],
    reasons text[], provider_ids text[], dues timestamptz[], at timestamptz)
returns table (delivery_id uuid, status text) language plpgsql
set plan_cache_mode = force_custom_plan as $$
#variable_conflict use_column
declare
    held uuid[];
begin
    -- in the order in which all others lock
    perform from delivery d where d.delivery_id = any (ids) order by d.delivery_id for update;

    update delivery_attempt a
    set ended_at = at, outcome = g.outcome, reason = g.reason, provider_id = g.provider_id
    from unnest(ids, claims, outcomes, reasons, provider_ids) g (delivery_id, claim, outcome, reason, provider_id)
    where a.delivery_id = g.delivery_id and a.number = g.claim and (a.outcome is null or a.outcome = 'LOST');

    select array_agg(h.delivery_id) into held from (
        select d.delivery_id from unnest(ids, claims, outcomes) g (delivery_id, claim, outcome)
        join delivery d on d.delivery_id = g.delivery_id and d.claim = g.claim
            and (d.status = 'CLAIMED'
                or d.status = 'UNCERTAIN' and d.outcome = 'worker_lost' and g.outcome <> 'UNCERTAIN'
                or d.status = 'RETRYING' and d.decision = 'RESEND' and g.outcome = 'ACCEPTED')) h;

    update delivery d
    set status = g.status, outcome = g.reason, claimed_until = null, due_at = coalesce(g.due, d.due_at),
        accepted_at = case when g.outcome = 'ACCEPTED' then at else d.accepted_at end,
        settled_at = case when g.status <> 'UNCERTAIN' then at end
    from unnest(ids, claims, outcomes, statuses, reasons, dues) g (delivery_id, claim, outcome, status, reason, due)
    where d.delivery_id = g.delivery_id and d.claim = g.claim and d.delivery_id = any (held)
        and g.status <> 'RETRYING';

    -- it was left for silence, and now it is certain that it was not sent
    update delivery d set decision = null, decided_at = null
    from unnest(ids, claims, statuses) g (delivery_id, claim, status)
    where d.delivery_id = g.delivery_id and d.claim = g.claim and d.delivery_id = any (held)
        and g.status = 'RETRYING' and d.decision = 'SILENCE';

    perform reopen_delivery(g.delivery_id, 'RETRYING', g.due, g.reason, at)
    from unnest(ids, claims, statuses, reasons, dues) g (delivery_id, claim, status, reason, due)
    join delivery d on d.delivery_id = g.delivery_id and d.claim = g.claim
    where g.delivery_id = any (held) and g.status = 'RETRYING'
    order by g.delivery_id;

    if exists (select from delivery_receipt r where r.delivery_id = any (held)) then
        perform settle_by_receipts(held, at);
    end if;

    return query select g.delivery_id, d.status
    from unnest(ids, claims) g (delivery_id, claim)
    left join delivery d on d.delivery_id = g.delivery_id and d.claim = g.claim;
end $$;

-- Claims that ran out: with an attempt begun, the message may have been sent; without one it certainly was not,
-- and waits again. A message under which workers keep dying before they try is given up.
create function recover_lost_claims(at timestamptz, decide_at timestamptz, limit_of_losses integer)
returns table (delivery_id uuid, channel text, status text) language plpgsql
set plan_cache_mode = force_custom_plan as $$
#variable_conflict use_column
declare
    lost delivery;
    attempted bigint;
    became text;
begin
    for lost in select * from delivery d where d.status = 'CLAIMED' and d.claimed_until <= at
        order by d.claimed_until limit 500 for update skip locked
    loop
        update delivery_attempt a set outcome = 'LOST', ended_at = at
        where a.delivery_id = lost.delivery_id and a.number = lost.claim and a.outcome is null;
        select count(*) into attempted from delivery_attempt a where a.delivery_id = lost.delivery_id;
        if exists (select from delivery_attempt a
            where a.delivery_id = lost.delivery_id and a.number = lost.claim) then
            update delivery d set status = 'UNCERTAIN', outcome = 'worker_lost', claimed_until = null,
                -- a code is waited for now
                due_at = case when lost.contact_code_id is null then decide_at else at end
            where d.delivery_id = lost.delivery_id;
            perform settle_by_receipts(array[lost.delivery_id], at);
            became := 'UNCERTAIN';
        elsif lost.losses + 1 >= limit_of_losses then
            update delivery d set status = 'FAILED', outcome = 'worker_lost', claimed_until = null, settled_at = at
            where d.delivery_id = lost.delivery_id;
            became := 'FAILED';
        else
            update delivery d set losses = d.losses + 1 where d.delivery_id = lost.delivery_id;
            became := reopen_delivery(lost.delivery_id, case attempted when 0 then 'PENDING' else 'RETRYING' end,
                lost.due_at, lost.outcome, at);
            perform settle_by_receipts(array[lost.delivery_id], at);
        end if;
        return query select lost.delivery_id, lost.channel, became;
    end loop;
end $$;

-- Uncertain messages that no receipt has settled in time: those that tell of one of the given events are sent
-- once more, which may be a duplicate, as one-time codes are; all others are left, which may be a silence.
create function decide_uncertain(at timestamptz, resend_events text[], resend_at timestamptz)
returns table (delivery_id uuid, channel text, decision text) language plpgsql
set plan_cache_mode = force_custom_plan as $$
#variable_conflict use_column
declare
    doubtful delivery;
    chosen text;
begin
    for doubtful in select * from delivery d where d.status = 'UNCERTAIN' and d.settled_at is null and d.due_at <= at
        order by d.due_at limit 500 for update skip locked
    loop
        chosen := case when doubtful.decision is null and (doubtful.contact_code_id is not null or exists (
            select from delivery_notice x join notice n using (notice_id)
            where x.delivery_id = doubtful.delivery_id and x.withdrawn is null and n.event = any (resend_events)
        )) then 'RESEND' else 'SILENCE' end;
        update delivery_attempt a set decision = chosen
        where a.delivery_id = doubtful.delivery_id and a.number = doubtful.claim;
        update delivery d set decision = chosen, decided_at = at,
            settled_at = case chosen when 'SILENCE' then at end
        where d.delivery_id = doubtful.delivery_id;
        if chosen = 'RESEND' then
            perform reopen_delivery(doubtful.delivery_id, 'RETRYING',
                case when doubtful.contact_code_id is null then resend_at else at end, doubtful.outcome, at);
        end if;
        return query select doubtful.delivery_id, doubtful.channel, chosen;
    end loop;
end $$;

-- How many of the wanted sends a provider allows now, all workers together; a tenth of a second's worth at
-- most is saved up.
create function take_sends(of_provider text, wanted integer, per_second double precision, at timestamptz)
returns integer language plpgsql as $$
declare
    spent timestamptz;
    saved interval := make_interval(secs => greatest(0.1, 1 / per_second));
    granted integer;
begin
    insert into send_rate (provider, spent_until) values (of_provider, at - saved) on conflict do nothing;
    -- not later than now: a worker with a fast clock must not stop the others
    select least(greatest(spent_until, at - saved), at) into spent from send_rate where provider = of_provider for update;
    granted := least(wanted, greatest(0, floor(extract(epoch from at - spent) * per_second + 1e-6)));
    update send_rate set spent_until = spent + make_interval(secs => granted / per_second) where provider = of_provider;
    return granted;
end $$;

-- migrate: rollback
-- Forward only: a wrong migration is mended by the next one.

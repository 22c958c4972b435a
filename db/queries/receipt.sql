-- name: lock_receipt_delivery
-- Before a receipt is noted: whoever settles the message now has ended before, or begins after. $1 delivery
select from delivery where delivery_id = $1 for update;

-- name: note_receipt
-- What a provider told of an attempt that was its own; nothing of any other, and nothing when it was told before.
-- $1 delivery, $2 number of the attempt, $3 providers that the teller may be, $4 status, $5 verdict, $6 code,
-- $7 the provider's time, or null, $8 the provider's id of the message, or null, $9 now
with attempt as (
    select delivery_id, number, provider, begun_at, provider_id from delivery_attempt
    where delivery_id = $1 and number = $2 and provider = any ($3::text[])
), noted as (
    insert into delivery_receipt (delivery_id, number, provider, status, verdict, code, at, received_at)
    -- a time that stays the same however often the receipt is repeated
    select delivery_id, number, provider, $4, $5, $6, coalesce($7, begun_at), $9 from attempt
    on conflict do nothing
    returning true
)
select exists (select from noted) as is_new, coalesce(provider_id <> $8::text, false) as has_other_id from attempt;

-- name: settle_by_receipts
-- $1 deliveries whose rows are locked, $2 now
select settle_by_receipts($1, $2);

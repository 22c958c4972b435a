-- Logins that are no longer accepted, and what was refused.
-- depends: 0024_idempotency

-- migrate: apply

select 1;

-- migrate: rollback

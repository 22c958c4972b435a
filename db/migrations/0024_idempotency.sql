-- What a mutation answered, for a client that asks again.
-- depends: 0023_purge

-- migrate: apply

select 1;

-- migrate: rollback

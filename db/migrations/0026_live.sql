-- What live views read for many subscribers at once.
-- depends: 0025_login

-- migrate: apply

select 1;

-- migrate: rollback

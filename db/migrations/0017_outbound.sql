-- Reserved.
-- depends: 0016_schedule

-- migrate: apply
select 1;

-- migrate: rollback
-- Forward only: a wrong migration is mended by the next one.

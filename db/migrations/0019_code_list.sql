-- Reserved.
-- depends: 0018_contact

-- migrate: apply
select 1;

-- migrate: rollback
-- Forward only: a wrong migration is mended by the next one.

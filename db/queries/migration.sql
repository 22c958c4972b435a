-- name: applied_migrations
-- The migrations this database has, by the name of their file.
select migration_id from public._pogo_migration where schema_name = 'public';

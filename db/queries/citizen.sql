-- name: lock_citizen_by_cpr
-- $1 keyed hash of the civil registration number
select citizen_id from citizen where cpr_index = $1 for no key update;

-- name: read_citizen_facts
-- The facts a system may change, under their columns' names. $1 citizen
select given_name, middle_name, surname, birth_date, municipality_code, right_and_duty,
    first_benefit_date, has_vocational_education, has_dependent_children, under_kui,
    registration_open, contact_course_start, phone, email
from citizen where citizen_id = $1;

-- name: has_cpr
-- Whether the citizen is registered under this number. $1 citizen, $2 keyed hash
select cpr_index = $2 from citizen where citizen_id = $1;

-- name: register_citizen
-- Of several that register the same number at once one does it; the others wait, and get nothing.
-- $1 encrypted number, $2 its keyed hash, $3 now, $4 facts by column
insert into citizen (cpr_encrypted, cpr_index, created_at, given_name, middle_name, surname,
    birth_date, municipality_code, right_and_duty, first_benefit_date, has_vocational_education,
    has_dependent_children, under_kui, registration_open, contact_course_start, phone, email)
select $1, $2, $3, f.given_name, f.middle_name, f.surname, f.birth_date, f.municipality_code,
    f.right_and_duty, f.first_benefit_date, f.has_vocational_education, f.has_dependent_children,
    f.under_kui, f.registration_open, f.contact_course_start, f.phone, f.email
from jsonb_populate_record(null::citizen, $4) f
on conflict (cpr_index) do nothing
returning citizen_id;

-- name: store_citizen_facts
-- $1 citizen, $2 facts by column
update citizen c
set (given_name, middle_name, surname, birth_date, municipality_code, right_and_duty,
    first_benefit_date, has_vocational_education, has_dependent_children, under_kui,
    registration_open, contact_course_start, phone, email) =
    row(f.given_name, f.middle_name, f.surname, f.birth_date, f.municipality_code, f.right_and_duty,
    f.first_benefit_date, f.has_vocational_education, f.has_dependent_children, f.under_kui,
    f.registration_open, f.contact_course_start, f.phone, f.email)
from jsonb_populate_record(null::citizen, $2) f
where c.citizen_id = $1;

-- name: correct_cpr
-- $1 citizen, $2 encrypted number, $3 its keyed hash
update citizen set cpr_encrypted = $2, cpr_index = $3 where citizen_id = $1;

-- name: has_municipality
-- $1 code
select exists (select from municipality where code = $1);

-- name: citizen_is_cv_searchable
-- $1 citizen
select cv_searchable from citizen where citizen_id = $1;

-- name: cv_settings
-- $1 citizen
select cv_searchable as searchable, cv_part_time as part_time, cv_link as link
from citizen where citizen_id = $1;

-- name: store_cv_settings
-- $1 citizen, $2 searchable, $3 part-time, $4 link
update citizen set cv_searchable = $2, cv_part_time = $3, cv_link = $4 where citizen_id = $1;

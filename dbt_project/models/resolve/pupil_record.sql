{{ config(indexes=[{'columns': ['school_year', 'register_number'], 'unique': true}]) }}

-- Each school year has a layout, and so a source table, of its own; here they are one register.
select
    '2026-2027' as school_year,
    register_number,
    name,
    id_number,
    id_number_status,
    birth_date,
    school,
    grade,
    is_enrolled,
    _recorded_from
from {{ ref('stg_others__student') }}
union all
select
    '2025-2026' as school_year,
    register_number,
    name,
    id_number,
    id_number_status,
    birth_date,
    school,
    grade,
    true as is_enrolled,
    _recorded_from
from {{ ref('stg_others__student_2025') }}

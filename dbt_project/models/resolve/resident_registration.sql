{{ config(indexes=[{'columns': ['resident_id'], 'unique': true}]) }}

select distinct on (link.resident_id)
    link.resident_id,
    not registration.is_cancelled as is_registered,
    registration.ethnic_group_code,
    registration.residence_kind_code,
    registration.family_relation_code,
    registration.household_number,
    registration.house_code,
    registration.building_code,
    registration.community_code,
    registration.registered_address
from {{ ref('stg_police__resident') }} as registration
inner join {{ ref('resident_crosswalk') }} as link
    on
        link.source_system = 'police.resident'
        and link.source_key = registration.registration_number
        and link.valid_to is null
order by link.resident_id, registration.is_cancelled, registration.updated_at_raw desc, registration.registration_number

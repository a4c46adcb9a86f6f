{{ config(indexes=[{'columns': ['resident_id'], 'unique': true}, {'columns': ['id_number']}]) }}

select
    person.resident_id,
    person.name,
    person.id_number,
    person.phone,
    person.address as current_address,
    registration.registered_address,
    coalesce(person.house_code, registration.house_code) as house_code
from {{ ref('resident_survivor') }} as person
left join {{ ref('resident_registration') }} as registration using (resident_id)

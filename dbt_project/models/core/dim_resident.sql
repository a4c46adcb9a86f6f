{{ config(indexes=[
    {'columns': ['resident_id'], 'unique': true},
    {'columns': ['community_code']},
    {'columns': ['building_id']},
    {'columns': ['grid_code']},
]) }}

select
    person.resident_id,
    {{ function('mask_name') }}(person.name) as masked_name,
    {{ function('mask_id_number') }}(person.id_number) as masked_id_number,
    person.id_status,
    person.id_rule,
    document.name as id_kind,
    person.sex_code,
    sex.name as sex,
    person.birth_date,
    extract(year from age(as_of.as_of_date, person.birth_date))::int as age,
    ethnic_group.name as ethnic_group,
    coalesce(registration.is_registered, false) as is_registered,
    residence_kind.name as residence_kind,
    registration.household_number,
    family_relation.name as family_relation,
    building.building_id,
    building.grid_code,
    coalesce(registration.community_code, building.community_code, service.benefit_community_code)
        as community_code,
    coalesce(service.is_party_member, false) as is_party_member,
    service.party_organisation_code,
    coalesce(service.receives_old_age_benefit, false) as receives_old_age_benefit,
    coalesce(service.family_doctor_until >= as_of.as_of_date, false) as has_family_doctor,
    service.family_doctor_until,
    service.grid_verified_on,
    person.source_count::int as source_count
from {{ ref('resident_survivor') }} as person
cross join {{ ref('stg_hub__as_of') }} as as_of
left join {{ ref('resident_registration') }} as registration using (resident_id)
left join {{ ref('resident_service') }} as service using (resident_id)
left join {{ ref('dim_building') }} as building
    on building.building_code = coalesce(left(person.house_code, 19), registration.building_code)
left join {{ ref('code_list') }} as document
    on document.list = 'identity_document' and person.id_kind = document.code
left join {{ ref('code_list') }} as sex on sex.list = 'sex' and person.sex_code = sex.code
left join {{ ref('code_list') }} as ethnic_group
    on ethnic_group.list = 'ethnic_group' and registration.ethnic_group_code = ethnic_group.code
left join {{ ref('code_list') }} as residence_kind
    on residence_kind.list = 'residence_kind' and registration.residence_kind_code = residence_kind.code
left join {{ ref('code_list') }} as family_relation
    on family_relation.list = 'family_relation' and registration.family_relation_code = family_relation.code

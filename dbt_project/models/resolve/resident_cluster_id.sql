{{ config(indexes=[{'columns': ['cluster'], 'unique': true}]) }}

{#- Addresses are resolved before people are: dbt is told what that reads (hub/pipeline/resolving/*.yaml). -#}
{%- set read = [
    ref('address_alias'), ref('region'), ref('stg_police__building'), ref('stg_police__resident'),
    ref('stg_grid__visit'), ref('stg_grid__small_place'), ref('stg_grid__house'), ref('stg_grid__population'),
    ref('stg_health__family_doctor_contract'), ref('stg_market_regulation__business'),
    ref('stg_civil_affairs__social_organisation'), ref('stg_city_management__case'),
    ref('stg_party_building__centre'), ref('stg_requests__request'), ref('stg_others__student'),
    ref('stg_others__student_2025'), ref('stg_others__compound'), ref('building_record'),
    ref('component_record'), ref('legal_person_record'),
] -%}

{{ cluster_ids('resident', 'R', ref('resident_record')) }}

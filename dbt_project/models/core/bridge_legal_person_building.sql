{{ config(indexes=[
    {'columns': ['legal_person_id', 'building_id', 'relation', 'source_system'], 'unique': true},
    {'columns': ['building_id']},
]) }}

{#- Source, its model and key, what the place is to the legal person, address. -#}
{%- set claims = [
    ('market_regulation.business', 'stg_market_regulation__business', 'record_number', 'registered',
        'registered_address'),
    ('market_regulation.business', 'stg_market_regulation__business', 'record_number', 'operates',
        'operating_address'),
    ('civil_affairs.social_organisation', 'stg_civil_affairs__social_organisation', 'registration_number',
        'registered', 'address'),
] -%}

with said as (
    {%- for source_system, model, key, relation, address in claims %}
    select
        '{{ source_system }}' as source_system,
        {{ key }} as source_key,
        '{{ relation }}' as relation,
        {{ address }} as address_text
    from {{ ref(model) }}
    where is_active is not false
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
)

select distinct on (link.legal_person_id, building.building_id, said.relation, said.source_system)
    link.legal_person_id,
    building.building_id,
    said.relation,
    said.source_system,
    named.house_code,
    named.shop,
    named.confidence
from said
inner join {{ ref('legal_person_crosswalk') }} as link using (source_system, source_key)
inner join {{ source('linkage', 'address') }} as named using (address_text)
inner join {{ ref('dim_building') }} as building using (building_code)
where link.valid_to is null
order by
    link.legal_person_id, building.building_id, said.relation, said.source_system,
    named.confidence desc, said.source_key

{#- Source, its model and key, relation, house code, address, day of the statement, which rows. -#}
{%- set claims = [
    ('police.resident', 'stg_police__resident', 'registration_number', 'lives',
        'house_code', 'current_address', 'updated_on', 'not is_cancelled'),
    ('police.resident', 'stg_police__resident', 'registration_number', 'registered',
        'null', 'registered_address', 'updated_on', 'not is_cancelled'),
    ('grid.population', 'stg_grid__population', 'record_number', 'lives',
        'house_code', 'null', 'verified_on', 'true'),
    ('health.family_doctor_contract', 'stg_health__family_doctor_contract', 'contract_number', 'lives',
        'null', 'current_address', 'signed_on', 'true'),
    ('others.student', 'stg_others__student', 'register_number', 'lives',
        'null', 'address', 'null', 'is_enrolled'),
] -%}

with said as (
    {%- for source_system, model, key, relation, house_code, address, since, condition in claims %}
    select
        '{{ source_system }}' as source_system,
        {{ key }} as source_key,
        '{{ relation }}' as relation,
        {{ house_code }}::text as house_code,
        {{ address }}::text as address_text,
        {{ since }}::date as since
    from {{ ref(model) }}
    where {{ condition }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
)

select
    said.source_system,
    said.source_key,
    said.relation,
    dwelling.house_code,
    'house_code' as basis,
    1::float8 as confidence,
    said.since
from said
inner join {{ source('linkage', 'dwelling') }} as dwelling using (house_code)
union all
select
    said.source_system,
    said.source_key,
    said.relation,
    named.house_code,
    'address' as basis,
    named.confidence,
    said.since
from said
inner join {{ source('linkage', 'address') }} as named using (address_text)
where named.house_code is not null

{{ config(indexes=[{'columns': ['source_system', 'source_key'], 'unique': true}]) }}

{#- Source table, its key, and the fields that it does not have. -#}
{%- set sources = [
    ('stg_police__resident', 'police.resident', 'registration_number', []),
    ('stg_civil_affairs__old_age_benefit', 'civil_affairs.old_age_benefit', 'benefit_number', ['current_address']),
    ('stg_party_building__member', 'party_building.member', 'member_number', ['current_address']),
    ('stg_health__family_doctor_contract', 'health.family_doctor_contract', 'contract_number',
        ['sex_code', 'birth_date']),
    ('stg_health__chronic_followup', 'health.chronic_followup', 'visit_number',
        ['sex_code', 'birth_date', 'current_address']),
    ('stg_grid__population', 'grid.population', 'record_number', ['current_address']),
] %}

{%- for model, source_system, key, missing in sources %}
select
    '{{ source_system }}' as source_system,
    {{ key }} as source_key,
    case when {{ usable_id_number('id_number_status', 'id_number_rule') }} then id_number end as identifier,
    id_number,
    id_number_status,
    id_number_rule,
    name,
    {{ 'id_sex_code' if 'sex_code' in missing else 'coalesce(sex_code, id_sex_code)' }} as sex_code,
    {{ 'id_birth_date' if 'birth_date' in missing else 'coalesce(birth_date, id_birth_date)' }} as birth_date,
    phone,
    {{ 'null::text' if 'current_address' in missing else 'current_address' }} as address,
    _recorded_from
from {{ ref(model) }}
{%- if source_system != 'police.resident' %}
where {{ usable_id_number('id_number_status', 'id_number_rule') }}
{%- endif %}
{%- if not loop.last %}
union all
{%- endif %}
{%- endfor %}

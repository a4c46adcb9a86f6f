{#- Model, source, its key, and what its columns are called where not as usual; none where it has none. -#}
{%- set usual = {
    'name': 'name', 'sex': 'sex_code', 'born': 'birth_date', 'phone': 'phone', 'number': 'id_number',
    'address': 'null::text', 'house': 'null::text', 'community': 'null::text', 'household': 'null::text',
    'number_in_key': 'null::text', 'courtesy': 'null::text', 'may_found': 'true',
} -%}
{#- A pupil's register number is a letter and his resident id; half a house code names no home. -#}
{%- set number_of_pupil = "case when register_number ~ '^[GL]\\d{17}[\\dX]$' then substr(register_number, 2) end" -%}
{%- set house = 'case when length(house_code) = 25 then house_code end' -%}
{%- set sources = [
    ('stg_police__resident', 'police.resident', 'registration_number',
        {'address': 'current_address', 'house': house, 'community': 'community_code',
        'household': 'household_number'}),
    ('stg_grid__population', 'grid.population', 'record_number',
        {'house': house, 'community': 'community_code'}),
    ('stg_civil_affairs__old_age_benefit', 'civil_affairs.old_age_benefit', 'benefit_number',
        {'community': 'community_code'}),
    ('stg_party_building__member', 'party_building.member', 'member_number', {}),
    ('stg_health__family_doctor_contract', 'health.family_doctor_contract', 'contract_number',
        {'sex': 'null::text', 'born': 'null::date', 'address': 'current_address'}),
    ('stg_health__chronic_followup', 'health.chronic_followup', 'visit_number',
        {'sex': 'null::text', 'born': 'null::date'}),
    ('stg_others__student', 'others.student', 'register_number',
        {'phone': 'null::text', 'address': 'address', 'number_in_key': number_of_pupil}),
    ('stg_others__student_2025', 'others.student_2025', 'register_number',
        {'phone': 'null::text', 'address': 'address', 'number_in_key': number_of_pupil}),
    ('stg_requests__request', 'requests.request', 'task_number',
        {'name': "case when caller_name !~ '(先生|女士)$' then caller_name end",
        'courtesy': "case when caller_name ~ '(先生|女士)$' then caller_name end",
        'sex': 'null::text', 'born': 'null::date', 'phone': 'caller_phone', 'number': 'caller_id_number',
        'may_found': 'false'}),
] %}

with stated as (
    {%- for model, source_system, key, own in sources %}
    {%- set column = dict(usual, **own) %}
    {%- set prefix = 'caller_' if column.number.startswith('caller_') else '' %}
    select
        '{{ source_system }}' as source_system,
        {{ key }} as source_key,
        {{ column.number }} as id_number,
        {{ column.number }}_status as id_number_status,
        {{ column.number }}_rule as id_number_rule,
        {{ column.number_in_key }} as number_in_key,
        {{ column.name }} as name,
        {{ column.courtesy }} as courtesy_name,
        coalesce({{ column.sex }}, {{ prefix }}id_sex_code) as sex_code,
        coalesce({{ column.born }}, {{ prefix }}id_birth_date) as birth_date,
        {{ column.phone }} as phone,
        {{ column.address }} as address,
        {{ column.house }} as house_code,
        {{ column.community }} as community_code,
        {{ column.household }} as household_number,
        {{ column.may_found }} as may_found,
        _recorded_from
    from {{ ref(model) }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
)

select
    source_system,
    source_key,
    case
        when {{ usable_id_number('id_number_status', 'id_number_rule') }} then id_number
        else number_in_key
    end as identifier,
    id_number,
    id_number_status,
    id_number_rule,
    name,
    courtesy_name,
    sex_code,
    birth_date,
    phone,
    address,
    house_code,
    community_code,
    household_number,
    source_system = 'police.resident'
    or {{ usable_id_number('id_number_status', 'id_number_rule') }}
    or (may_found and name is not null and coalesce(birth_date::text, phone, house_code, address) is not null)
        as may_found,
    _recorded_from
from stated

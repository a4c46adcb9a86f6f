-- What each record says of the person that it names, one column per field; when its department last
-- looked (observed_on, null where it does not say) and when we learnt it.
{#- Staging model, source, key, and what its columns are called where not as usual; none where it has none. -#}
{%- set usual = {
    'observed_on': 'null::date', 'name': 'name', 'number': 'id_number', 'sex': 'sex_code', 'born': 'birth_date',
    'phone': 'phone', 'house': 'null', 'address': 'null',
} -%}
{%- set sources = [
    ('stg_police__resident', 'police.resident', 'registration_number',
        {'observed_on': 'updated_on', 'house': 'house_code', 'address': 'current_address'}),
    ('stg_grid__population', 'grid.population', 'record_number',
        {'observed_on': 'verified_on', 'house': 'house_code'}),
    ('stg_civil_affairs__old_age_benefit', 'civil_affairs.old_age_benefit', 'benefit_number', {}),
    ('stg_party_building__member', 'party_building.member', 'member_number', {}),
    ('stg_health__family_doctor_contract', 'health.family_doctor_contract', 'contract_number',
        {'observed_on': 'signed_on', 'sex': 'null', 'born': 'null::date', 'address': 'current_address'}),
    ('stg_health__chronic_followup', 'health.chronic_followup', 'visit_number',
        {'observed_on': 'visited_on', 'sex': 'null', 'born': 'null::date'}),
    ('stg_others__student', 'others.student', 'register_number', {'phone': 'null', 'address': 'address'}),
    ('stg_others__student_2025', 'others.student_2025', 'register_number', {'phone': 'null', 'address': 'address'}),
    ('stg_requests__request', 'requests.request', 'task_number',
        {'observed_on': 'accepted_at::date', 'name': "case when caller_name !~ '(先生|女士)$' then caller_name end",
        'number': 'caller_id_number', 'sex': 'null', 'born': 'null::date', 'phone': 'caller_phone'}),
] %}

with written as not materialized (
    select
        address_text,
        house_code as written_house_code
    from {{ source('linkage', 'address') }}
),

said as (
    {%- for model, source_system, key, own in sources %}
    {%- set column = dict(usual, **own) %}
    {%- set prefix = column.number | replace('id_number', '') %}
    select
        '{{ source_system.split(".")[0] }}' as department,
        '{{ source_system }}' as source_system,
        {{ key }} as source_key,
        {{ column.observed_on }} as observed_on,
        {{ column.name }} as name,
        {{ column.number }} as id_number,
        {{ column.number }}_status as id_number_status,
        {{ column.number }}_rule as id_number_rule,
        {{ prefix ~ 'id_kind' }} as id_kind,
        {{ column.sex }} as sex_code,
        {{ prefix ~ 'id_sex_code' }} as id_sex_code,
        {{ column.born }} as birth_date,
        {{ prefix ~ 'id_birth_date' }} as id_birth_date,
        {{ column.phone }} as phone,
        {{ column.house }} as house_code,
        {{ column.address }} as written_address,
        written_house_code,
        _recorded_from
    from {{ ref(model) }}
    left join written on {{ column.address }} = written.address_text
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

-- Keys are numbered before what they say is fetched: sorting the keys alone takes a third of the time.
numbered as (
    select
        resident_id,
        source_system,
        source_key,
        row_number() over (order by source_system collate "C", source_key collate "C") as statement_number
    from {{ ref('resident_crosswalk') }}
    where valid_to is null
)

select
    numbered.resident_id,
    said.*,
    numbered.statement_number
from said
inner join numbered using (source_system, source_key)

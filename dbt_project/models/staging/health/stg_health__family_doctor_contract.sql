{{ config(indexes=[{'columns': ['contract_number'], 'unique': true}]) }}

with source as ({{ open_rows('health', 'family_doctor_contract') }})

select
    source.qybh as contract_number,
    {{ cleaned('id_number', 'source.zjhm') }},
    id_number.kind as id_kind,
    id_number.birth_date as id_birth_date,
    id_number.sex_code as id_sex_code,
    {{ function('clean_text') }}(source.xm) as name,
    {{ cleaned('phone', 'source.lxdh') }},
    {{ function('clean_text') }}(source.xzdz) as current_address,
    {{ function('clean_text') }}(source.jgmc) as health_centre,
    {{ function('clean_text') }}(source.ysxm) as doctor,
    {{ cleaned('signed_on', 'source.qyrq') }},
    {{ cleaned('ends_on', 'source.jsrq') }},
    {{ function('clean_text') }}(source.rqbq) as person_labels,
    {{ logged() }}
from source
cross join lateral {{ function('identity_document') }}(source.zjhm, {{ learnt_on() }}) as id_number
cross join lateral {{ function('phone') }}(source.lxdh) as phone
cross join lateral {{ function('calendar_date') }}(source.qyrq) as signed_on
cross join lateral {{ function('calendar_date') }}(source.jsrq) as ends_on

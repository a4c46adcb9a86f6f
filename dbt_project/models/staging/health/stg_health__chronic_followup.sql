{{ config(indexes=[{'columns': ['visit_number'], 'unique': true}]) }}

with source as ({{ open_rows('health', 'chronic_followup') }})

select
    source.sfbh as visit_number,
    {{ cleaned('id_number', 'source.zjhm') }},
    id_number.kind as id_kind,
    id_number.birth_date as id_birth_date,
    id_number.sex_code as id_sex_code,
    {{ function('clean_text') }}(source.xm) as name,
    {{ cleaned('phone', 'source.lxdh') }},
    {{ function('clean_text') }}(source.mblx) as disease,
    {{ cleaned('visited_on', 'source.sfrq') }},
    {{ function('clean_text') }}(source.sfys) as doctor,
    {{ function('whole_number') }}(source.ssy) as systolic_mmhg,
    {{ function('whole_number') }}(source.szy) as diastolic_mmhg,
    {{ function('decimal_number') }}(source.kfxt) as fasting_glucose_mmol_l,
    {{ logged() }}
from source
cross join lateral {{ function('identity_document') }}(source.zjhm, {{ learnt_on() }}) as id_number
cross join lateral {{ function('phone') }}(source.lxdh) as phone
cross join lateral {{ function('calendar_date') }}(source.sfrq) as visited_on

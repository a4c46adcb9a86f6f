{{ config(indexes=[{'columns': ['register_number'], 'unique': true}]) }}

with source as ({{ open_rows('others', 'student_2025') }})

select
    {{ function('compact_code') }}(source.xjh) as register_number,
    {{ function('clean_text') }}(source.xm) as name,
    source.xb as sex_raw,
    sex.code as sex_code,
    {{ cleaned('birth_date', 'source.csrq') }},
    {{ cleaned('id_number', 'source.sfzh') }},
    id_number.kind as id_kind,
    id_number.birth_date as id_birth_date,
    id_number.sex_code as id_sex_code,
    {{ function('clean_text') }}(source.xx) as school,
    source.nj as grade_raw,
    grade.code::integer as grade,
    {{ function('clean_text') }}(source.bj) as class_number,
    {{ cleaned('guardian_phone', 'source.jhrdh') }},
    {{ function('clean_text') }}(source.jtzz) as address,
    {{ logged() }}
from source
cross join lateral {{ function('identity_document') }}(source.sfzh, {{ learnt_on() }}) as id_number
cross join lateral {{ function('calendar_date') }}(source.csrq) as birth_date
cross join lateral {{ function('phone') }}(source.jhrdh) as guardian_phone
{{ join_code('sex', 'source.xb') }}
{{ join_code('grade', 'source.nj') }}

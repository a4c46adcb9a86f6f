{{ config(indexes=[{'columns': ['record_number'], 'unique': true}]) }}

with source as ({{ open_rows('grid', 'population') }})

select
    source.ryid as record_number,
    {{ cleaned('id_number', 'source.sfzh') }},
    id_number.kind as id_kind,
    id_number.birth_date as id_birth_date,
    id_number.sex_code as id_sex_code,
    {{ function('clean_text') }}(source.xm) as name,
    source.xb as sex_raw,
    sex.code as sex_code,
    {{ cleaned('birth_date', 'source.csrq') }},
    source.mz as ethnic_group_raw,
    ethnic_group.code as ethnic_group_code,
    source.rkxz as residence_kind_raw,
    residence_kind.code as residence_kind_code,
    registered.code = '1' as is_registered_in_city,
    {{ cleaned('phone', 'source.lxfs') }},
    {{ cleaned('house_code', 'source.hid') }},
    {{ cleaned('building_code', 'source.lddm') }},
    {{ function('clean_text') }}(source.jddm) as street_source_code,
    street.region_code as street_code,
    source.sqdm as community_raw,
    community.code as community_code,
    {{ cleaned('verified_on', 'source.hcrq') }},
    {{ cleaned('collected_at', 'source.cjrq') }},
    {{ logged() }}
from source
cross join lateral {{ function('identity_document') }}(source.sfzh, {{ learnt_on() }}) as id_number
cross join lateral {{ function('calendar_date') }}(source.csrq) as birth_date
cross join lateral {{ function('phone') }}(source.lxfs) as phone
cross join lateral {{ function('house_code') }}(source.hid) as house_code
cross join lateral {{ function('digit_code') }}(source.lddm, '^\d{19}$') as building_code
cross join lateral {{ function('calendar_date') }}(source.hcrq) as verified_on
cross join lateral {{ function('moment') }}(source.cjrq) as collected_at
{{ join_street('grid', 'source.jddm') }}
{{ join_code('sex', 'source.xb') }}
{{ join_code('ethnic_group', 'source.mz') }}
{{ join_code('residence_kind', 'source.rkxz') }}
{{ join_code('yes_no', 'source.is_citizen', as='registered') }}
{{ join_code('community', 'source.sqdm') }}

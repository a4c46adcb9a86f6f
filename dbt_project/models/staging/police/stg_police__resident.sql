{{ config(indexes=[{'columns': ['registration_number'], 'unique': true}]) }}

with source as ({{ open_rows('police', 'resident') }})

select
    source.xlh as registration_number,
    {{ cleaned('id_number', 'source.gmsfhm') }},
    id_number.kind as id_kind,
    id_number.birth_date as id_birth_date,
    id_number.sex_code as id_sex_code,
    {{ function('clean_text') }}(source.xm) as name,
    source.xbdm as sex_raw,
    sex.code as sex_code,
    source.mzdm as ethnic_group_raw,
    ethnic_group.code as ethnic_group_code,
    {{ cleaned('birth_date', 'source.csrq') }},
    {{ function('clean_text') }}(source.hjdz) as registered_address,
    {{ function('clean_text') }}(source.xzdz) as current_address,
    {{ cleaned('house_code', 'source.fwbm') }},
    house_code.building_code,
    {{ function('clean_text') }}(source.hh) as household_number,
    source.yhzgx as family_relation_raw,
    family_relation.code as family_relation_code,
    source.rkxz as residence_kind_raw,
    residence_kind.code as residence_kind_code,
    {{ cleaned('phone', 'source.lxdh') }},
    source.sqbm as community_raw,
    community.code as community_code,
    coalesce(cancelled.code, '0') = '1' as is_cancelled,
    {{ function('clean_text') }}(source.gxsj) as updated_at_raw,
    updated.value as updated_on,
    {{ logged() }}
from source
cross join lateral {{ function('identity_document') }}(source.gmsfhm, {{ learnt_on() }}) as id_number
cross join lateral {{ function('calendar_date') }}(source.csrq) as birth_date
cross join lateral {{ function('house_code') }}(source.fwbm) as house_code
cross join lateral {{ function('phone') }}(source.lxdh) as phone
cross join lateral {{ function('calendar_date') }}(source.gxsj) as updated
{{ join_code('sex', 'source.xbdm') }}
{{ join_code('ethnic_group', 'source.mzdm') }}
{{ join_code('family_relation', 'source.yhzgx') }}
{{ join_code('residence_kind', 'source.rkxz') }}
{{ join_code('community', 'source.sqbm') }}
{{ join_code('yes_no', 'source.zxbs', as='cancelled') }}

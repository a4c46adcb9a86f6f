{{ config(indexes=[{'columns': ['benefit_number'], 'unique': true}]) }}

with source as ({{ open_rows('civil_affairs', 'old_age_benefit') }})

select
    source.djbh as benefit_number,
    {{ cleaned('id_number', 'source.sfzh') }},
    id_number.kind as id_kind,
    id_number.birth_date as id_birth_date,
    id_number.sex_code as id_sex_code,
    {{ function('clean_text') }}(source.xm) as name,
    source.xb as sex_raw,
    sex.code as sex_code,
    {{ cleaned('birth_date', 'source.csrq') }},
    {{ function('clean_text') }}(source.dc) as benefit_band,
    {{ function('decimal_number') }}(source.ffje) as monthly_amount_yuan,
    {{ function('compact_code') }}(source.ffyf) as last_paid_month,
    source.sqmc as community_raw,
    community.code as community_code,
    {{ cleaned('phone', 'source.lxdh') }},
    {{ function('clean_text') }}(source.zt) as benefit_state,
    {{ function('clean_text') }}(source.zt) = '在享' as is_receiving,
    {{ logged() }}
from source
cross join lateral {{ function('identity_document') }}(source.sfzh, {{ learnt_on() }}) as id_number
cross join lateral {{ function('calendar_date') }}(source.csrq) as birth_date
cross join lateral {{ function('phone') }}(source.lxdh) as phone
{{ join_code('sex', 'source.xb') }}
{{ join_code('community', 'source.sqmc') }}

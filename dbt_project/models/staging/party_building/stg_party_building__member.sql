{{ config(indexes=[{'columns': ['member_number'], 'unique': true}]) }}

with source as ({{ open_rows('party_building', 'member') }})

select
    source.dyid as member_number,
    {{ cleaned('id_number', 'source.sfzh') }},
    id_number.kind as id_kind,
    id_number.birth_date as id_birth_date,
    id_number.sex_code as id_sex_code,
    {{ function('clean_text') }}(source.xm) as name,
    source.xb as sex_raw,
    sex.code as sex_code,
    {{ cleaned('birth_date', 'source.csrq') }},
    {{ cleaned('joined_on', 'source.rdrq') }},
    source.dylb as membership_raw,
    membership.code as membership_code,
    {{ function('clean_text') }}(source.zzdm) as organisation_code,
    {{ cleaned('phone', 'source.lxdh') }},
    source.bdsq as reported_community_raw,
    community.code as reported_community_code,
    {{ logged() }}
from source
cross join lateral {{ function('identity_document') }}(source.sfzh, {{ learnt_on() }}) as id_number
cross join lateral {{ function('calendar_date') }}(source.csrq) as birth_date
cross join lateral {{ function('calendar_date') }}(source.rdrq) as joined_on
cross join lateral {{ function('phone') }}(source.lxdh) as phone
{{ join_code('sex', 'source.xb') }}
{{ join_code('party_membership', 'source.dylb', as='membership') }}
{{ join_code('community', 'source.bdsq') }}

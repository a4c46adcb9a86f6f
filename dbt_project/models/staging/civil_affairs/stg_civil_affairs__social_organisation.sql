{{ config(indexes=[{'columns': ['registration_number'], 'unique': true}]) }}

with source as ({{ open_rows('civil_affairs', 'social_organisation') }})

select
    source.djzh as registration_number,
    {{ cleaned('credit_code', 'source.tyshxydm') }},
    {{ function('clean_text') }}(source.mc) as name,
    source.zzlx as organisation_kind_raw,
    organisation_kind.code as organisation_kind_code,
    {{ function('clean_text') }}(source.fddbr) as legal_representative,
    {{ function('clean_text') }}(source.zs) as address,
    source.sqmc as community_raw,
    community.code as community_code,
    {{ cleaned('founded_on', 'source.clrq') }},
    {{ function('clean_text') }}(source.njjg) as inspection_result,
    {{ function('clean_text') }}(source.zt) as registration_state,
    {{ function('clean_text') }}(source.zt) = '正常' as is_active,
    {{ logged() }}
from source
cross join lateral {{ function('credit_code') }}(source.tyshxydm) as credit_code
cross join lateral {{ function('calendar_date') }}(source.clrq) as founded_on
{{ join_code('social_organisation_kind', 'source.zzlx', as='organisation_kind') }}
{{ join_code('community', 'source.sqmc') }}

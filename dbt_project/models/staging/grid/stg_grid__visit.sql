{{ config(indexes=[{'columns': ['visit_number'], 'unique': true}]) }}

with source as ({{ open_rows('grid', 'visit') }})

select
    source.zfbh as visit_number,
    {{ function('clean_text') }}(source.wgy) as officer_name,
    {{ cleaned('grid_code', 'source.wgdm') }},
    {{ cleaned('visited_at', 'source.zfsj') }},
    {{ function('clean_text') }}(source.zfdd) as address,
    {{ cleaned('house_code', 'source.hid') }},
    {{ function('clean_text') }}(source.csbh) as place_number,
    {{ cleaned('id_number', 'source.sfzh') }},
    {{ function('clean_text') }}(source.xm) as name,
    source.zfsy as purpose_raw,
    purpose.code as purpose_code,
    source.zfjg as result_raw,
    result.code as result_code,
    {{ function('clean_text') }}(source.jddm) as street_source_code,
    street.region_code as street_code,
    source.sqdm as community_raw,
    community.code as community_code,
    {{ cleaned('collected_at', 'source.cjrq') }},
    {{ logged() }}
from source
cross join lateral {{ function('grid_code') }}(source.wgdm) as grid_code
cross join lateral {{ function('moment') }}(source.zfsj) as visited_at
cross join lateral {{ function('house_code') }}(source.hid) as house_code
cross join lateral {{ function('identity_document') }}(source.sfzh, {{ learnt_on() }}) as id_number
cross join lateral {{ function('moment') }}(source.cjrq) as collected_at
{{ join_street('grid', 'source.jddm') }}
{{ join_code('visit_purpose', 'source.zfsy', as='purpose') }}
{{ join_code('visit_result', 'source.zfjg', as='result') }}
{{ join_code('community', 'source.sqdm') }}

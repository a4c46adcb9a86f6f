{{ config(indexes=[{'columns': ['place_number'], 'unique': true}]) }}

with source as ({{ open_rows('grid', 'small_place') }})

select
    source.csbh as place_number,
    {{ function('clean_text') }}(source.csmc) as name,
    source.place_type as place_kind_raw,
    place_kind.code as place_kind_code,
    {{ cleaned('building_code', 'source.lddm') }},
    {{ function('clean_text') }}(source.address) as address,
    {{ function('clean_text') }}(source.operator_name) as operator_name,
    {{ cleaned('operator_phone', 'source.operator_phone') }},
    {{ function('clean_text') }}(source.owner_name) as owner_name,
    {{ cleaned('owner_phone', 'source.owner_phone') }},
    source.business_area as area_band_raw,
    area_band.code as area_band_code,
    checked.code = '1' as is_checked,
    source.isdoublecheck as double_check_raw,
    double_check.code as double_check_code,
    {{ function('clean_text') }}(source.jddm) as street_source_code,
    street.region_code as street_code,
    source.sqdm as community_raw,
    community.code as community_code,
    {{ logged() }}
from source
cross join lateral {{ function('digit_code') }}(source.lddm, '^\d{19}$') as building_code
cross join lateral {{ function('phone') }}(source.operator_phone) as operator_phone
cross join lateral {{ function('phone') }}(source.owner_phone) as owner_phone
{{ join_street('grid', 'source.jddm') }}
{{ join_code('small_place_kind', 'source.place_type', as='place_kind') }}
{{ join_code('business_area', 'source.business_area', as='area_band') }}
{{ join_code('yes_no', 'source.checkstate', as='checked') }}
{{ join_code('double_check', 'source.isdoublecheck') }}
{{ join_code('community', 'source.sqdm') }}

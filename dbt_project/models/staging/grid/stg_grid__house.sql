{{ config(indexes=[{'columns': ['source_key'], 'unique': true}]) }}

with source as ({{ open_rows('grid', 'house') }})

select
    source.fwdm as source_key,
    {{ cleaned('house_code', 'source.fwdm') }},
    {{ cleaned('building_code', 'source.lddm') }},
    source.syyt as house_use_raw,
    house_use.code as house_use_code,
    source.syqk as house_usage_raw,
    house_usage.code as house_usage_code,
    source.glfl as house_tier_raw,
    house_tier.code as house_tier_code,
    {{ function('clean_text') }}(source.jddm) as street_source_code,
    street.region_code as street_code,
    source.sqdm as community_raw,
    community.code as community_code,
    {{ logged() }}
from source
cross join lateral {{ function('house_code') }}(source.fwdm) as house_code
cross join lateral {{ function('digit_code') }}(source.lddm, '^\d{19}$') as building_code
{{ join_street('grid', 'source.jddm') }}
{{ join_code('building_use', 'source.syyt', as='house_use') }}
{{ join_code('house_usage', 'source.syqk') }}
{{ join_code('house_tier', 'source.glfl') }}
{{ join_code('community', 'source.sqdm') }}

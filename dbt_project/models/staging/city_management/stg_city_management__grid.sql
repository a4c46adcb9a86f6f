{{ config(indexes=[{'columns': ['source_key'], 'unique': true}]) }}

with source as ({{ open_rows('city_management', 'grid') }})

select
    source.bgid as source_key,
    {{ cleaned('grid_code', 'source.bgid') }},
    {{ function('clean_text') }}(source.bgname) as grid_name,
    source.sqdm as community_raw,
    community.code as community_code,
    {{ function('decimal_number') }}(source.area) as area_m2,
    {{ function('clean_text') }}(source.wgy) as grid_officer,
    {{ function('boundary') }}(source.geometry) as geometry,
    {{ logged() }}
from source
cross join lateral {{ function('grid_code') }}(source.bgid) as grid_code
left join {{ ref('code_alias') }} as community
    on
        community.list = 'community'
        and community.alias = {{ function('tidy') }}(coalesce(nullif(source.sqdm, ''), source.sqmc))

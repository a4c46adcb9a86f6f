{{ config(indexes=[{'columns': ['source_key'], 'unique': true}]) }}

with source as ({{ open_rows('police', 'building') }})

select
    source.ldbm as source_key,
    {{ cleaned('building_code', 'source.ldbm') }},
    {{ function('clean_text') }}(source.ldmc) as building_name,
    {{ function('clean_text') }}(source.dz) as address,
    source.sqbm as community_raw,
    community.code as community_code,
    {{ cleaned('grid_code', 'source.wgbm') }},
    source.jzlx as building_kind_raw,
    building_kind.code as building_kind_code,
    source.fwyt as building_use_raw,
    building_use.code as building_use_code,
    {{ function('whole_number') }}(source.cs) as floors,
    lift.code = '1' as has_lift,
    {{ function('whole_number') }}(source.jcnf) as built_year,
    source.jd as longitude_raw,
    source.wd as latitude_raw,
    coordinate.longitude,
    coordinate.latitude,
    coordinate.status as coordinate_status,
    coordinate.rule as coordinate_rule,
    {{ logged() }}
from source
cross join lateral {{ function('digit_code') }}(source.ldbm, '^\d{19}$') as building_code
cross join lateral {{ function('grid_code') }}(source.wgbm) as grid_code
cross join lateral {{ function('coordinate') }}(source.jd, source.wd) as coordinate
{{ join_code('community', 'source.sqbm') }}
{{ join_code('building_kind', 'source.jzlx') }}
{{ join_code('building_use', 'source.fwyt') }}
{{ join_code('yes_no', 'source.ywdt', as='lift') }}

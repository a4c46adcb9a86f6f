{{ config(indexes=[{'columns': ['compound_number'], 'unique': true}]) }}

with source as ({{ open_rows('others', 'compound') }})

select
    {{ function('compact_code') }}(source.xqbh) as compound_number,
    {{ function('clean_text') }}(source.xqmc) as name,
    {{ function('clean_text') }}(source.dz) as address,
    source.sqmc as community_raw,
    community.code as community_code,
    {{ function('clean_text') }}(source.wyqy) as manager,
    {{ function('whole_number') }}(source.lds) as buildings,
    {{ function('whole_number') }}(source.jcnf) as year_built,
    {{ function('whole_number') }}(source.hs) as households,
    {{ function('whole_number') }}(source.tcws) as parking_bays,
    {{ function('whole_number') }}(source.rjtc) as cars_by_day,
    {{ function('whole_number') }}(source.yjtc) as cars_by_night,
    {{ logged() }}
from source
{{ join_code('community', 'source.sqmc') }}

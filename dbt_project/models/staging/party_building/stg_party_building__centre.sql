{{ config(indexes=[{'columns': ['centre_number'], 'unique': true}]) }}

with source as ({{ open_rows('party_building', 'centre') }})

select
    source.zxdm as centre_number,
    {{ function('clean_text') }}(source.zxmc) as centre_name,
    {{ function('clean_text') }}(source.dz) as address,
    source.sqbm as community_raw,
    community.code as community_code,
    {{ function('decimal_number') }}(source.mj) as area_m2,
    {{ function('whole_number') }}(source.cds) as rooms,
    source.sxzt as online_raw,
    online.code = '1' as is_online,
    {{ function('decimal_number') }}(source.jd) as longitude,
    {{ function('decimal_number') }}(source.wd) as latitude,
    {{ logged() }}
from source
{{ join_code('community', 'source.sqbm') }}
{{ join_code('yes_no', 'source.sxzt', as='online') }}

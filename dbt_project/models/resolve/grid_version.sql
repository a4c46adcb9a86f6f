-- Every version of every grid with its boundary.
select
    grid_code.value as grid_code,
    'city_management.grid' as source_system,
    log.bgid as source_key,
    null::date as source_date,
    {{ function('clean_text') }}(log.bgname) as grid_name,
    community.code as community_code,
    {{ function('boundary') }}(log.geometry) as geometry,
    log._recorded_from as recorded_from,
    log._recorded_to as recorded_to
from {{ source('city_management', 'grid') }} as log
cross join lateral {{ function('grid_code') }}(log.bgid) as grid_code
left join {{ ref('code_alias') }} as community
    on
        community.list = 'community'
        and community.alias = {{ function('tidy') }}(coalesce(nullif(log.sqdm, ''), log.sqmc))
where grid_code.value is not null

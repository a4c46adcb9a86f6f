-- Every version of every building of the police.
select
    link.building_id,
    'police.building' as source_system,
    log.ldbm as source_key,
    null::date as source_date,
    {{ function('clean_text') }}(log.ldmc) as building_name,
    community.code as community_code,
    grid_code.value as grid_code,
    building_use.name as building_use,
    {{ function('whole_number') }}(log.cs) as floors,
    lift.code = '1' as has_lift,
    st_point(coordinate.longitude, coordinate.latitude, 4326) as geometry,
    log._recorded_from as recorded_from,
    log._recorded_to as recorded_to
from {{ source('police', 'building') }} as log
inner join {{ last_link('building') }} as link on link.source_system = 'police.building' and link.source_key = log.ldbm
cross join lateral {{ function('grid_code') }}(log.wgbm) as grid_code
cross join lateral {{ function('coordinate') }}(log.jd, log.wd) as coordinate
{{ join_code('community', 'log.sqbm') }}
{{ join_code('building_use', 'log.fwyt') }}
{{ join_code('yes_no', 'log.ywdt', as='lift') }}

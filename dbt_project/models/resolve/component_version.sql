-- Every version of every urban component: its state, its place, and who answers for it.
select
    link.component_id,
    'city_management.component' as source_system,
    log.objid as source_key,
    changed.value as source_date,
    component_state.code as state,
    grid_code.value as grid_code,
    {{ function('clean_text') }}(log.deptcode1) as authority_code,
    {{ function('clean_text') }}(log.deptcode2) as owner_code,
    {{ function('clean_text') }}(log.deptcode3) as maintainer_code,
    st_point(coordinate.longitude, coordinate.latitude, 4326) as geometry,
    log._recorded_from as recorded_from,
    log._recorded_to as recorded_to
from {{ source('city_management', 'component') }} as log
inner join {{ last_link('component') }} as link
    on link.source_system = 'city_management.component' and link.source_key = log.objid
cross join lateral {{ function('calendar_date') }}(log.chdate) as changed
cross join lateral {{ function('grid_code') }}(log.bgid) as grid_code
cross join lateral {{ function('coordinate') }}(log.pointx, log.pointy) as coordinate
{{ join_code('component_state', 'log.objstate') }}

{{ config(indexes=[{'columns': ['sensor_id'], 'unique': true}, {'columns': ['component_id']}]) }}

with device as (
    select
        staged.*,
        st_point(staged.longitude, staged.latitude, 4326) as geometry
    from {{ ref('stg_city_management__device') }} as staged
)

select distinct on (device.source_key)
    device.source_key as sensor_id,
    device.imei,
    device.imei_status,
    sensor_kind.name as sensor_kind,
    component.component_id,
    building.building_id,
    coded.grid_code,
    located.grid_code as located_grid_code,
    coalesce(component.grid_code, building.grid_code) as carrier_grid_code,
    coded.grid_code = located.grid_code as grid_agrees,
    coded.grid_code = coalesce(component.grid_code, building.grid_code) as carrier_grid_agrees,
    coalesce(coded.community_code, located.community_code) as community_code,
    round(
        st_distance(device.geometry::geography, coalesce(component.geometry, building.geometry)::geography)::numeric, 1
    ) as metres_from_carrier,
    device.installed_on,
    device.battery_percent,
    device.is_online,
    device.geometry
from device
left join {{ ref('dim_urban_component') }} as component using (component_code)
left join {{ ref('dim_building') }} as building using (building_code)
left join {{ ref('dim_grid') }} as coded on device.grid_code = coded.grid_code
{{ join_located_grid('device.geometry') }}
{{ join_name('sensor_kind', 'device.sensor_kind') }}
order by device.source_key, component.component_id, building.building_id

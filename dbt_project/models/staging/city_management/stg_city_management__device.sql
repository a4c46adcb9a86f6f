{{ config(indexes=[{'columns': ['source_key'], 'unique': true}]) }}

with source as ({{ open_rows('city_management', 'device') }})

select
    source.devid as source_key,
    {{ cleaned('imei', 'source.imei') }},
    source.devtype as sensor_kind_raw,
    sensor_kind.code as sensor_kind,
    {{ function('clean_text') }}(source.devname) as device_name,
    {{ cleaned('component_code', 'source.objid') }},
    {{ cleaned('building_code', 'source.lddm') }},
    {{ cleaned('grid_code', 'source.bgid') }},
    {{ cleaned('installed_on', 'source.azrq') }},
    {{ function('decimal_number') }}(source.battery) as battery_percent,
    source.state as state_raw,
    device_state.code = '1' as is_online,
    source.pointx as longitude_raw,
    source.pointy as latitude_raw,
    coordinate.longitude,
    coordinate.latitude,
    coordinate.status as coordinate_status,
    coordinate.rule as coordinate_rule,
    {{ logged() }}
from source
cross join lateral {{ function('imei') }}(source.imei) as imei
cross join lateral {{ function('component_code') }}(source.objid) as component_code
cross join lateral {{ function('digit_code') }}(source.lddm, '^\d{19}$') as building_code
cross join lateral {{ function('grid_code') }}(source.bgid) as grid_code
cross join lateral {{ function('calendar_date') }}(source.azrq) as installed_on
cross join lateral {{ function('coordinate') }}(source.pointx, source.pointy) as coordinate
{{ join_code('sensor_kind', 'source.devtype') }}
{{ join_code('device_state', 'source.state') }}

{{ config(indexes=[{'columns': ['source_key'], 'unique': true}]) }}

with source as ({{ open_rows('city_management', 'component') }})

select
    source.objid as source_key,
    {{ cleaned('component_code', 'source.objid') }},
    substr(component_code.value, 7, 4) as class_code,
    {{ function('clean_text') }}(source.objname) as component_name,
    {{ function('clean_text') }}(source.deptcode1) as authority_code,
    {{ function('clean_text') }}(source.deptname1) as authority_name,
    {{ function('clean_text') }}(source.deptcode2) as owner_code,
    {{ function('clean_text') }}(source.deptname2) as owner_name,
    {{ function('clean_text') }}(source.deptcode3) as maintainer_code,
    {{ function('clean_text') }}(source.deptname3) as maintainer_name,
    {{ cleaned('grid_code', 'source.bgid') }},
    source.objstate as state_raw,
    component_state.code as state,
    {{ cleaned('first_surveyed_on', 'source.ordate') }},
    {{ cleaned('changed_on', 'source.chdate') }},
    {{ function('clean_text') }}(source.datasource) as position_source,
    {{ function('clean_text') }}(source.note) as note,
    source.pointx as longitude_raw,
    source.pointy as latitude_raw,
    coordinate.longitude,
    coordinate.latitude,
    coordinate.status as coordinate_status,
    coordinate.rule as coordinate_rule,
    {{ logged() }}
from source
cross join lateral {{ function('component_code') }}(source.objid) as component_code
cross join lateral {{ function('grid_code') }}(source.bgid) as grid_code
cross join lateral {{ function('calendar_date') }}(source.ordate) as first_surveyed_on
cross join lateral {{ function('calendar_date') }}(source.chdate) as changed_on
cross join lateral {{ function('coordinate') }}(source.pointx, source.pointy) as coordinate
{{ join_code('component_state', 'source.objstate') }}

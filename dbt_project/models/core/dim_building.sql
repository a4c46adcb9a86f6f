{{ config(indexes=[
    {'columns': ['building_id'], 'unique': true},
    {'columns': ['building_code']},
    {'columns': ['community_code']},
    {'columns': ['geometry'], 'type': 'gist'},
]) }}

with placed as (
    select
        link.building_id,
        building.*,
        st_point(building.longitude, building.latitude, 4326) as geometry
    from {{ ref('stg_police__building') }} as building
    inner join {{ ref('building_crosswalk') }} as link
        on
            link.source_system = 'police.building'
            and link.source_key = building.source_key
            and link.valid_to is null
)

select distinct on (placed.building_id)
    placed.building_id,
    placed.building_code,
    placed.building_name,
    place.compound_id,
    place.compound_name,
    place.building_number,
    placed.address,
    coalesce(placed.community_code, coded.community_code, located.community_code) as community_code,
    coded.grid_code,
    located.grid_code as located_grid_code,
    coded.grid_code = located.grid_code as grid_agrees,
    kind.name as building_kind,
    usage.name as building_use,
    coalesce(placed.floors, place.highest_floor) as floors,
    coalesce(place.dwellings, 0) as dwellings,
    placed.has_lift,
    placed.built_year,
    placed.coordinate_status,
    placed.coordinate_rule,
    placed.geometry
from placed
left join {{ ref('building_place') }} as place using (building_code)
left join {{ ref('dim_grid') }} as coded using (grid_code)
left join lateral (
    select
        grid_code,
        community_code
    from {{ ref('dim_grid') }} as grid
    where st_covers(grid.geometry, placed.geometry)
    order by grid_code
    limit 1
) as located on true
left join {{ ref('code_list') }} as kind on kind.list = 'building_kind' and placed.building_kind_code = kind.code
left join {{ ref('code_list') }} as usage on usage.list = 'building_use' and placed.building_use_code = usage.code
order by placed.building_id, placed._recorded_from desc, placed.source_key

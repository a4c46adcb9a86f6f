{{ config(indexes=[{'columns': ['building_id']}, {'columns': ['grid_code']}]) }}

-- In which grid a building stands, by its position and the boundaries of each time.
select distinct on (building.building_id, grid.true_from, grid.recorded_from)
    building.building_id,
    building.building_code,
    grid.grid_code,
    grid.community_code,
    grid.true_from,
    grid.true_to,
    grid.recorded_from,
    grid.recorded_to
from {{ ref('dim_building') }} as building
inner join {{ ref('dim_grid_history') }} as grid on st_covers(grid.geometry, building.geometry)
order by building.building_id, grid.true_from, grid.recorded_from, grid.grid_code

{{ config(indexes=[{'columns': ['grid_code'], 'unique': true}, {'columns': ['geometry'], 'type': 'gist'}]) }}

select distinct on (grid.grid_code)
    grid.grid_code,
    grid.grid_name,
    community.region_code as community_code,
    community.name as community_name,
    grid.area_m2,
    grid.geometry
from {{ ref('stg_city_management__grid') }} as grid
left join {{ ref('region') }} as community on grid.community_code = community.region_code
where grid.grid_code is not null
order by grid.grid_code, grid.source_key

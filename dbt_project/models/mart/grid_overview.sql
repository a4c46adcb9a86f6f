with resident as (
    select
        grid_code,
        count(*) as residents,
        count(distinct household_number) as households
    from {{ ref('dim_resident') }}
    where is_registered
    group by grid_code
),

component as (
    select
        grid_code,
        count(*) as components
    from {{ ref('dim_urban_component') }}
    group by grid_code
),

counted as (
    select
        grid.*,
        coalesce(resident.residents, 0) as residents,
        coalesce(resident.households, 0) as households,
        coalesce(component.components, 0) as components
    from {{ ref('dim_grid') }} as grid
    left join resident using (grid_code)
    left join component using (grid_code)
),

loaded as (
    select
        counted.*,
        round(counted.households / norm.households, 4) as household_load,
        round(counted.residents / norm.residents, 4) as resident_load,
        norm.yellow,
        norm.red
    from counted
    cross join (
        select
            max(value) filter (where limit_name = 'grid_households') as households,
            max(value) filter (where limit_name = 'grid_residents') as residents,
            max(value) filter (where limit_name = 'grid_load_yellow') as yellow,
            max(value) filter (where limit_name = 'grid_load_red') as red
        from {{ ref('metric_limit') }}
    ) as norm
)

select
    grid_code,
    grid_name,
    community_code,
    community_name,
    as_of.as_of,
    residents,
    households,
    household_load,
    resident_load,
    greatest(household_load, resident_load) as load,
    case
        when greatest(household_load, resident_load) > red then '红'
        when greatest(household_load, resident_load) > yellow then '黄'
        else '绿'
    end as load_level,
    components,
    st_asgeojson(geometry, 6) as boundary_geojson,
    (st_asgeojson(st_exteriorring(largest.polygon), 6)::json -> 'coordinates')::text as contour
from loaded
cross join {{ ref('stg_hub__as_of') }} as as_of
left join lateral (
    select part.geom as polygon from st_dump(loaded.geometry) as part
    order by st_area(part.geom) desc limit 1
) as largest on true

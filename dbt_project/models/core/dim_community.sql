{{ config(indexes=[{'columns': ['community_code'], 'unique': true}, {'columns': ['geometry'], 'type': 'gist'}]) }}

select
    community.region_code as community_code,
    community.name as community_name,
    street.region_code as street_code,
    street.name as street_name,
    count(*) as grids,
    st_multi(st_union(grid.geometry)) as geometry
from {{ ref('dim_grid') }} as grid
inner join {{ ref('region') }} as community on grid.community_code = community.region_code
inner join {{ ref('region') }} as street on community.parent_code = street.region_code
group by community.region_code, community.name, street.region_code, street.name

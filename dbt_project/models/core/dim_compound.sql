{{ config(indexes=[{'columns': ['compound_id'], 'unique': true}, {'columns': ['community_code']}]) }}

with built as (
    select
        compound_id,
        left(building_code, 12) as community_code,
        compound_name,
        mode() within group (order by road) as road,
        count(*)::int as buildings,
        sum(dwellings)::int as dwellings
    from {{ ref('building_place') }}
    where compound_id is not null
    group by compound_id, left(building_code, 12), compound_name
),

managed as (
    select distinct on (compound_id)
        {{ compound_id('community_code', 'name') }} as compound_id,
        *
    from {{ ref('stg_others__compound') }}
    where community_code is not null and name is not null
    order by compound_id, _recorded_from desc, compound_number
)

select
    compound_id,
    coalesce(managed.name, built.compound_name) as compound_name,
    coalesce(managed.community_code, region.region_code) as community_code,
    built.road,
    coalesce(built.buildings, 0) as buildings,
    coalesce(built.dwellings, 0) as dwellings,
    managed.compound_number,
    managed.manager,
    managed.year_built as built_year,
    managed.households,
    managed.parking_bays,
    managed.cars_by_day,
    managed.cars_by_night
from built
full join managed using (compound_id)
left join {{ ref('region') }} as region on region.level = 'community' and region.region_code = built.community_code

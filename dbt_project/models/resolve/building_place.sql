{{ config(indexes=[{'columns': ['building_code'], 'unique': true}]) }}

with addressed as (
    select distinct on (building_code) *
    from {{ source('linkage', 'building_address') }}
    order by building_code, weight desc, road, number, compound, building_number
),

homes as (
    select
        building_code,
        count(*)::int as dwellings,
        max(floor::int) filter (where floor ~ '^\d{1,3}$') as highest_floor
    from {{ source('linkage', 'dwelling') }}
    group by building_code
)

select
    building_code,
    {{ compound_id('left(building_code, 12)', 'addressed.compound') }} as compound_id,
    addressed.compound as compound_name,
    addressed.road,
    addressed.number,
    addressed.building_number,
    coalesce(homes.dwellings, 0) as dwellings,
    homes.highest_floor
from addressed
full join homes using (building_code)

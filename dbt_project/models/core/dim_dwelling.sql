{{ config(indexes=[
    {'columns': ['house_code'], 'unique': true},
    {'columns': ['building_id']},
    {'columns': ['community_code']},
]) }}

with registered as (
    select distinct on (house_code)
        house_code,
        house_use_code,
        house_usage_code,
        house_tier_code
    from {{ ref('stg_grid__house') }}
    where house_code is not null
    order by house_code, _recorded_from desc, source_key
)

select
    dwelling.house_code,
    building.building_id,
    dwelling.building_code,
    building.compound_id,
    building.grid_code,
    coalesce(building.community_code, region.region_code) as community_code,
    dwelling.unit,
    case when dwelling.floor ~ '^-?\d{1,3}$' then dwelling.floor::int end as floor,
    dwelling.room,
    building.address || '***' as masked_address,
    use.name as house_use,
    usage.name as house_usage,
    tier.name as house_tier,
    building.has_lift,
    registered.house_code is not null as is_in_grid_register
from {{ source('linkage', 'dwelling') }} as dwelling
left join {{ ref('dim_building') }} as building using (building_code)
left join {{ ref('region') }} as region
    on region.level = 'community' and region.region_code = left(dwelling.house_code, 12)
left join registered using (house_code)
left join {{ ref('code_list') }} as use on use.list = 'building_use' and registered.house_use_code = use.code
left join {{ ref('code_list') }} as usage on usage.list = 'house_usage' and registered.house_usage_code = usage.code
left join {{ ref('code_list') }} as tier on tier.list = 'house_tier' and registered.house_tier_code = tier.code

{{ config(indexes=[{'columns': ['place_number'], 'unique': true}, {'columns': ['building_id']}]) }}

select
    place.place_number,
    place.name,
    place_kind.name as place_kind,
    building.building_id,
    building.grid_code,
    coalesce(place.community_code, building.community_code) as community_code,
    place.community_code = building.community_code as community_agrees,
    business.legal_person_id,
    area_band.name as area_band,
    place.is_checked,
    double_check.name as double_check,
    {{ function('mask_name') }}(place.operator_name) as operator_masked_name,
    {{ function('mask_name') }}(place.owner_name) as owner_masked_name
from {{ ref('stg_grid__small_place') }} as place
left join {{ ref('dim_building') }} as building using (building_code)
left join {{ ref('small_place_business') }} as business using (place_number)
{{ join_name('small_place_kind', 'place.place_kind_code', as='place_kind') }}
{{ join_name('business_area', 'place.area_band_code', as='area_band') }}
{{ join_name('double_check', 'place.double_check_code') }}

{{ config(indexes=[
    {'columns': ['visit_number'], 'unique': true},
    {'columns': ['community_code', 'visited_at']},
    {'columns': ['resident_id']},
]) }}

select
    visit.visit_number,
    visit.purpose_code as purpose,
    visit.result_code as result,
    visit.result_code not in ('无人在家', '拒访') as is_effective,
    visited.resident_id,
    building.building_id,
    visit.place_number,
    coded.grid_code,
    building.grid_code as building_grid_code,
    coded.grid_code = building.grid_code as grid_agrees,
    coalesce(visit.community_code, coded.community_code) as community_code,
    {{ instant('visit.visited_at') }} as visited_at,
    {{ instant('visit.collected_at') }} as entered_at,
    {{ hours_between('visit.visited_at', 'visit.collected_at') }} as hours_to_entry
from {{ ref('stg_grid__visit') }} as visit
left join {{ ref('resident_identifier') }} as visited
    on
        visit.id_number = visited.id_number
        and {{ usable_id_number('visit.id_number_status', 'visit.id_number_rule') }}
left join {{ ref('stg_grid__small_place') }} as place using (place_number)
left join {{ ref('dim_building') }} as building
    on building.building_code = coalesce(left(visit.house_code, 19), place.building_code)
left join {{ ref('dim_grid') }} as coded on visit.grid_code = coded.grid_code

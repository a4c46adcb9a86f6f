{{ config(indexes=[{'columns': ['inspection_number'], 'unique': true}, {'columns': ['place_number']}]) }}

with inspection as (
    select
        visit.*,
        visit.result in ('发现隐患', '已现场整改') as has_hazard,
        visit.result = '已现场整改' as is_rectified_on_site,
        min(visit.visited_at) filter (where visit.result in ('正常', '已现场整改')) over (
            partition by visit.place_number order by visit.visited_at
            rows between 1 following and unbounded following
        ) as found_in_order_at
    from {{ ref('fct_visit') }} as visit
    where visit.purpose = '三小场所检查' and visit.place_number is not null
),

judged as (
    select
        inspection.*,
        case
            when is_rectified_on_site then visited_at
            when has_hazard then found_in_order_at
        end as rectified_at,
        case when has_hazard then visited_at + {{ limit('small_place_rectify_days') }} * interval '1 day' end as due_at
    from inspection
)

select
    judged.visit_number as inspection_number,
    judged.place_number,
    judged.building_id,
    judged.grid_code,
    judged.community_code,
    judged.visited_at as inspected_at,
    judged.result,
    judged.has_hazard,
    judged.is_rectified_on_site,
    judged.due_at,
    judged.rectified_at,
    {{ hours_between('judged.visited_at', 'judged.rectified_at', seconds=86400) }} as days_to_rectify,
    {{ in_time('judged.due_at', 'judged.rectified_at', 'as_of.as_of') }} as is_rectified_in_time
from judged
cross join {{ ref('stg_hub__as_of') }} as as_of

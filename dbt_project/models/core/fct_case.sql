{{ config(indexes=[{'columns': ['case_number'], 'unique': true}, {'columns': ['community_code', 'reported_at']}]) }}

with occurrence as (
    select
        staged.*,
        st_point(staged.longitude, staged.latitude, 4326) as geometry
    from {{ ref('stg_city_management__case') }} as staged
)

select
    occurrence.task_number as case_number,
    occurrence.case_class_code,
    occurrence.case_class_name as case_class,
    occurrence.case_group_name as case_group,
    occurrence.found_by,
    case_state.name as state,
    occurrence.state_code = '9' as is_void,
    coded.grid_code,
    located.grid_code as located_grid_code,
    coded.grid_code = located.grid_code as grid_agrees,
    coalesce(coded.community_code, located.community_code) as community_code,
    occurrence.disposing_unit,
    {{ instant('occurrence.reported_at') }} as reported_at,
    {{ instant('occurrence.filed_at') }} as filed_at,
    {{ instant('occurrence.dispatched_at') }} as dispatched_at,
    {{ instant('occurrence.due_at') }} as due_at,
    {{ instant('occurrence.handled_at') }} as handled_at,
    {{ instant('occurrence.closed_at') }} as closed_at,
    {{ minutes_between('occurrence.reported_at', 'occurrence.dispatched_at') }} as minutes_to_dispatch,
    {{ hours_between('occurrence.dispatched_at', 'occurrence.handled_at') }} as hours_to_handle,
    {{ hours_between('occurrence.reported_at', 'occurrence.closed_at') }} as hours_to_close,
    time_limit.value as limit_value,
    time_limit.unit as limit_unit,
    {{ in_time(instant('occurrence.due_at'), instant('occurrence.handled_at'), 'as_of.as_of') }} as is_handled_in_time,
    occurrence.rework_count,
    occurrence.is_postponed,
    occurrence.coordinate_status,
    occurrence.geometry
from occurrence
cross join {{ ref('stg_hub__as_of') }} as as_of
left join {{ ref('case_time_limit') }} as time_limit using (case_class_code)
left join {{ ref('dim_grid') }} as coded using (grid_code)
{{ join_located_grid('occurrence.geometry') }}
{{ join_name('case_state', 'occurrence.state_code') }}

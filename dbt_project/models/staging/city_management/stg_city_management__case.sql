{{ config(indexes=[{'columns': ['task_number'], 'unique': true}]) }}

with source as ({{ open_rows('city_management', 'case') }})

select
    source.task_num as task_number,
    source.small_class as case_class_raw,
    case_class.code as case_class_code,
    {{ function('clean_text') }}(source.big_class_name) as case_group_name,
    {{ function('clean_text') }}(source.small_class_name) as case_class_name,
    {{ cleaned('grid_code', 'source.bgid') }},
    {{ function('clean_text') }}(source.address) as address,
    {{ function('clean_text') }}(source.event_src) as found_by,
    source.state as state_raw,
    case_state.code as state_code,
    {{ cleaned('reported_at', 'source.create_time') }},
    {{ cleaned('filed_at', 'source.file_time') }},
    {{ cleaned('dispatched_at', 'source.dispatch_time') }},
    {{ cleaned('due_at', 'source.deadline_time') }},
    {{ cleaned('handled_at', 'source.dispose_time') }},
    {{ cleaned('checked_at', 'source.check_time') }},
    {{ cleaned('closed_at', 'source.archive_time') }},
    {{ function('clean_text') }}(source.dispose_unit) as disposing_unit,
    {{ function('whole_number') }}(source.rework_count) as rework_count,
    coalesce(postponed.code, '0') = '1' as is_postponed,
    {{ function('clean_text') }}(source.photo_before) as photo_before,
    {{ function('clean_text') }}(source.photo_after) as photo_after,
    source.pointx as longitude_raw,
    source.pointy as latitude_raw,
    coordinate.longitude,
    coordinate.latitude,
    coordinate.status as coordinate_status,
    coordinate.rule as coordinate_rule,
    {{ logged() }}
from source
cross join lateral {{ function('grid_code') }}(source.bgid) as grid_code
cross join lateral {{ function('moment') }}(source.create_time) as reported_at
cross join lateral {{ function('moment') }}(source.file_time) as filed_at
cross join lateral {{ function('moment') }}(source.dispatch_time) as dispatched_at
cross join lateral {{ function('moment') }}(source.deadline_time) as due_at
cross join lateral {{ function('moment') }}(source.dispose_time) as handled_at
cross join lateral {{ function('moment') }}(source.check_time) as checked_at
cross join lateral {{ function('moment') }}(source.archive_time) as closed_at
cross join lateral {{ function('coordinate') }}(source.pointx, source.pointy) as coordinate
{{ join_code('case_class', 'source.small_class') }}
{{ join_code('case_state', 'source.state') }}
{{ join_code('yes_no', 'source.is_postponed', as='postponed') }}

{{ config(indexes=[
    {'columns': ['request_id'], 'unique': true},
    {'columns': ['community_code', 'accepted_at']},
    {'columns': ['resident_id']},
]) }}

with request as (
    select
        record.*,
        st_point(record.longitude, record.latitude, 4326) as point
    from {{ ref('request_record') }} as record
)

select
    request.source_system || ':' || request.task_number as request_id,
    request.source_system,
    request.task_number as request_number,
    request_kind.name as request_kind,
    request.type_level_1,
    request.type_level_2,
    request.type_level_3,
    request.type_level_4,
    request.channel,
    request.reported_by,
    request.is_urgent,
    request_state.name as state,
    coalesce(request.state_code = '80', false) as is_void,
    coalesce(link.resident_id, caller.resident_id) as resident_id,
    named.grid_code,
    located.grid_code as located_grid_code,
    named.grid_code = located.grid_code as grid_agrees,
    coalesce(request.community_code, located.community_code) as community_code,
    request.community_code = located.community_code as community_agrees,
    request.charged_unit,
    request.disposing_unit,
    {{ instant('request.accepted_at') }} as accepted_at,
    {{ instant('request.occurred_at') }} as occurred_at,
    {{ instant('request.assigned_at') }} as assigned_at,
    {{ instant('request.due_at') }} as due_at,
    {{ instant('request.closed_at') }} as closed_at,
    {{ minutes_between('request.accepted_at', 'request.assigned_at') }} as minutes_to_assign,
    {{ minutes_between('request.accepted_at', 'request.assigned_at') }}
    <= case
        when request.is_urgent then {{ limit('request_assign_minutes_urgent') }}
        else {{ limit('request_assign_minutes') }}
    end as is_assigned_in_time,
    {{ hours_between('request.accepted_at', 'request.closed_at') }} as hours_to_close,
    {{ in_time(instant('request.due_at'), instant('request.closed_at'), 'as_of.as_of') }} as is_closed_in_time,
    case when request.closed_at < request.accepted_at then 'suspect' when request.closed_at is not null then 'ok' end
        as closed_at_status,
    satisfaction.name as satisfaction,
    request.satisfaction_code::smallint as satisfaction_score,
    request.coordinate_status,
    st_snaptogrid(request.point, 0.001) as approximate_location
from request
cross join {{ ref('stg_hub__as_of') }} as as_of
{{ join_link('resident', 'request.source_system', 'request.task_number') }}
left join {{ ref('resident_identifier') }} as caller
    on
        request.caller_id_number = caller.id_number
        and {{ usable_id_number('request.caller_id_number_status', 'request.caller_id_number_rule') }}
left join {{ ref('dim_grid') }} as named on request.grid_name = named.grid_name
{{ join_located_grid('request.point') }}
{{ join_name('request_kind', 'request.request_kind_code') }}
{{ join_name('request_state', 'request.state_code') }}
{{ join_name('satisfaction', 'request.satisfaction_code') }}

{{ config(indexes=[{'columns': ['alarm_number'], 'unique': true}, {'columns': ['sensor_id', 'raised_at']}]) }}

select
    alarm.source_key as alarm_number,
    alarm.alarm_id,
    sensor.sensor_id,
    sensor.sensor_kind,
    sensor.component_id,
    sensor.building_id,
    sensor.grid_code,
    sensor.community_code,
    alarm.alarm_type,
    alarm.alarm_level,
    alarm.alarm_value,
    alarm.repeat_count,
    alarm_state.name as state,
    alarm.is_false_alarm is not null as is_verified,
    alarm.is_false_alarm,
    {{ instant('alarm.raised_at') }} as raised_at,
    {{ instant('alarm.dismissed_at') }} as dismissed_at,
    {{ instant('alarm.verified_at') }} as verified_at,
    {{ minutes_between('alarm.raised_at', 'alarm.dismissed_at') }} as minutes_to_dismiss,
    {{ hours_between('alarm.raised_at', 'alarm.verified_at') }} as hours_to_verify
from {{ ref('stg_city_management__alarm') }} as alarm
left join {{ ref('dim_sensor') }} as sensor on alarm.device_id = sensor.sensor_id
{{ join_name('alarm_state', 'alarm.state_code') }}

{{ config(indexes=[{'columns': ['source_key'], 'unique': true}]) }}

with source as ({{ open_rows('city_management', 'alarm') }})

select
    source.recid as source_key,
    {{ function('clean_text') }}(source.alarmid) as alarm_id,
    {{ function('clean_text') }}(source.devid) as device_id,
    {{ function('clean_text') }}(source.alarmtype) as alarm_type,
    source.alarm_level as alarm_level_raw,
    alarm_level.code::smallint as alarm_level,
    {{ function('decimal_number') }}(source.alarm_value) as alarm_value,
    {{ function('whole_number') }}(source.times) as repeat_count,
    {{ cleaned('raised_at', 'source.alarm_time') }},
    {{ cleaned('dismissed_at', 'source.dismiss_time') }},
    source.state as state_raw,
    alarm_state.code as state_code,
    source.result as result_raw,
    alarm_result.code = '0' as is_false_alarm,
    {{ cleaned('verified_at', 'source.verify_time') }},
    {{ logged() }}
from source
cross join lateral {{ function('moment') }}(source.alarm_time) as raised_at
cross join lateral {{ function('moment') }}(source.dismiss_time) as dismissed_at
cross join lateral {{ function('moment') }}(source.verify_time) as verified_at
{{ join_code('alarm_level', 'source.alarm_level') }}
{{ join_code('alarm_state', 'source.state') }}
{{ join_code('alarm_result', 'source.result') }}

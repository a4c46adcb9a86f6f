{{ config(indexes=[{'columns': ['source_key'], 'unique': true}]) }}

with source as ({{ open_rows('city_management', 'alarm_message') }})

select
    source.msgid as source_key,
    {{ function('clean_text') }}(source.devid) as device_id,
    {{ function('clean_text') }}(source.alarmid) as alarm_id,
    source.event as event_raw,
    alarm_event.code as event,
    {{ function('clean_text') }}(source.alarmtype) as alarm_type,
    alarm_level.code::smallint as alarm_level,
    {{ cleaned('imei', 'source.imei') }},
    {{ cleaned('measured_value', 'source.value') }},
    {{ function('clean_text') }}(source.unit) as unit,
    {{ cleaned('measured_at', 'source.ts') }},
    received_at.value as received_at,
    {{ logged() }}
from source
cross join lateral {{ function('imei') }}(source.imei) as imei
cross join lateral {{ function('sensor_value') }}(source.value) as measured_value
cross join lateral {{ function('device_moment') }}(source.ts, source.gwts) as measured_at
cross join lateral {{ function('moment') }}(source.gwts) as received_at
{{ join_code('alarm_event', 'source.event') }}
{{ join_code('alarm_level', 'source.level') }}

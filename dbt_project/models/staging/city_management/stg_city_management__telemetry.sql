{{ config(indexes=[{'columns': ['source_key'], 'unique': true}]) }}

with source as ({{ open_rows('city_management', 'telemetry') }})

select
    source.msgid as source_key,
    {{ function('clean_text') }}(source.devid) as device_id,
    {{ cleaned('imei', 'source.imei') }},
    {{ cleaned('measured_value', 'source.value') }},
    {{ function('clean_text') }}(source.unit) as unit,
    {{ cleaned('measured_at', 'source.ts') }},
    received_at.value as received_at,
    {{ function('decimal_number') }}(source.battery) as battery_percent,
    {{ logged() }}
from source
cross join lateral {{ function('imei') }}(source.imei) as imei
cross join lateral {{ function('sensor_value') }}(source.value) as measured_value
cross join lateral {{ function('device_moment') }}(source.ts, source.gwts) as measured_at
cross join lateral {{ function('moment') }}(source.gwts) as received_at

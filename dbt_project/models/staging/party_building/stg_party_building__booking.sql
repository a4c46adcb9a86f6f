{{ config(indexes=[{'columns': ['booking_number'], 'unique': true}]) }}

with source as ({{ open_rows('party_building', 'booking') }})

select
    source.yyh as booking_number,
    {{ function('clean_text') }}(source.zxdm) as centre_number,
    {{ function('clean_text') }}(source.cdmc) as room,
    source.sd as day_part_raw,
    day_part.code as day_part_code,
    {{ cleaned('used_on', 'source.syrq') }},
    source.hdlx as activity_raw,
    activity.code as activity_code,
    {{ function('clean_text') }}(source.yyr) as name,
    {{ cleaned('phone', 'source.lxdh') }},
    {{ function('whole_number') }}(source.rs) as attendees,
    {{ cleaned('booked_at', 'source.yysj') }},
    source.zt as state_raw,
    state.code as state_code,
    {{ logged() }}
from source
cross join lateral {{ function('calendar_date') }}(source.syrq) as used_on
cross join lateral {{ function('phone') }}(source.lxdh) as phone
cross join lateral {{ function('moment') }}(source.yysj) as booked_at
{{ join_code('day_part', 'source.sd') }}
{{ join_code('centre_activity', 'source.hdlx', as='activity') }}
{{ join_code('booking_state', 'source.zt', as='state') }}

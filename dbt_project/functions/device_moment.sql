-- When a device measured, local time: by its own clock (milliseconds since 1970) where that agrees
-- with the platform's, which received the message at `gateway`; else by the platform's.
with read as (
    select
        heard.value as heard_at,
        case
            when {{ function('tidy') }}(raw) ~ '^\d{1,13}$'
                then timestamp '1970-01-01 08:00' + {{ function('tidy') }}(raw)::bigint * interval '1 millisecond'
        end as own
    from {{ function('moment') }}(gateway) as heard
    offset 0
)

select
    case when abs(extract(epoch from heard_at - own)) <= 300 then own else coalesce(heard_at, own) end as value,
    case
        when own is null and heard_at is null then 'invalid'
        when heard_at is null then 'suspect'
        when abs(extract(epoch from heard_at - own)) <= 300 then 'ok'
        else 'repaired'
    end as status,
    case
        when heard_at is null and own is null then 'no_such_time'
        when heard_at is null then 'gateway_missing'
        when own is null then 'clock_missing'
        when abs(extract(epoch from heard_at - own)) > 300 then 'clock_skew'
    end as rule
from read

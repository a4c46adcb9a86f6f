-- Local time: the date in any spelling of calendar_date, then hours and minutes, perhaps seconds. Most
-- are written plainly and on a day that every month has: one look at them is four times cheaper.
with given as (
    select
        raw,
        raw ~ '^(19|20)\d\d-(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8]) ([01]\d|2[0-3]):[0-5]\d:[0-5]\d$' as is_plain
    from (select raw) as argument
    offset 0
),

tidied as (
    select
        is_plain,
        case when is_plain then raw end as plain,
        {{ function('clean_text') }}(case when not is_plain then raw end) as text
    from given
    offset 0
),

parted as (
    select
        is_plain,
        plain,
        text,
        case
            when text ~ '^\d{14}$'
                then concat_ws(':', substr(text, 9, 2), substr(text, 11, 2), substr(text, 13, 2))
            else substring(text from '(\d{1,2}:\d\d(?::\d\d)?)(?:\.\d+)?$')
        end as clock
    from tidied
    offset 0
),

read as (
    select
        day.value as day,
        day.status,
        day.rule,
        parted.is_plain,
        parted.plain,
        parted.clock,
        parted.clock ~ '^([01]?\d|2[0-3]):[0-5]\d(:[0-5]\d)?$' as is_time
    from parted
    cross join lateral {{ function('calendar_date') }}(parted.text) as day
    offset 0
)

select
    case
        when is_plain then plain::timestamp
        when is_time then day + clock::time
        when clock is null then day::timestamp
    end as value,
    case
        when is_plain then 'ok'
        when status = 'invalid' or not is_time then 'invalid'
        when status is not null and clock is null then 'suspect'
        else status
    end as status,
    case
        when status = 'invalid' then rule
        when not is_time then 'no_such_time'
        when status is not null and clock is null then 'time_missing'
        else rule
    end as rule
from read

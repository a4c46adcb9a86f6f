-- Compact digits, ISO, dots, slashes, 年月日, with or without a time, and Excel's day numbers.
-- A plain date on a day that every month has needs no second look (see moment).
with given as (
    select
        raw,
        raw ~ '^(19|20)\d\d-(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])( |$)' as is_plain
    from (select raw) as argument
    offset 0
),

tidied as (
    select
        case when is_plain then left(raw, 10)::date end as plain,
        {{ function('clean_text') }}(case when not is_plain then raw end) as text
    from given
    offset 0
),

parted as (
    select
        plain,
        text,
        translate(text, './年月 T日', '------') as parts,
        case
            when plain is not null then 'plain'
            when text is null then 'missing'
            when length(text) in (8, 14) and text ~ '^\d+$' then 'compact'
            when text ~ '^[1-9]\d{4}(\.\d+)?$' then 'excel_serial'
            when text ~ '^\d{4}-\d\d-\d\d([ T]|$)' then 'iso'
            when text ~ '^\d{4}[./年-]\d{1,2}[./月-]\d{1,2}(\D|$)' then 'spelling'
            else 'unreadable'
        end as kind
    from tidied
    offset 0
),

read as (
    select
        kind,
        case
            when kind = 'plain' then plain
            when kind = 'compact'
                then
                    {{ function('calendar_day') }}(
                        substr(text, 1, 4)::int, substr(text, 5, 2)::int, substr(text, 7, 2)::int
                    )
            when kind in ('iso', 'spelling')
                then
                    {{ function('calendar_day') }}(
                        split_part(parts, '-', 1)::int, split_part(parts, '-', 2)::int, split_part(parts, '-', 3)::int
                    )
            when kind = 'excel_serial' then date '1899-12-30' + trunc(text::numeric)::int
        end as value
    from parted
    offset 0
)

select
    value,
    case
        when kind = 'missing' then null
        when value is null then 'invalid'
        when kind in ('plain', 'compact', 'iso') then 'ok'
        else 'repaired'
    end as status,
    case
        when kind = 'unreadable' then 'unreadable_date'
        when kind = 'missing' then null
        when value is null then 'no_such_date'
        when kind = 'excel_serial' then 'excel_serial'
        when kind = 'spelling' then 'date_spelling'
    end as rule
from read

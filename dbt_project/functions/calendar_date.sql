-- Compact digits, ISO, dots, slashes, 年月日, with or without a time, and Excel's day numbers.
with tidied as (
    select {{ function('clean_text') }}(raw) as text
    from (select raw) as given
    offset 0
),

parted as (
    select
        text,
        translate(text, './年月 T日', '------') as parts,
        case
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
        when kind in ('compact', 'iso') then 'ok'
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

-- What a sensor measured; the numbers that stand for "no reading" are no values.
with read as (
    select
        {{ function('clean_text') }}(raw) as text,
        {{ function('decimal_number') }}(raw) as number
    from (select raw) as given
    offset 0
)

select
    case when number not in (-9999, 9999, -999) then number end as value,
    case
        when text is null then null
        when number is null or number in (-9999, 9999, -999) then 'invalid'
        else 'ok'
    end as status,
    case
        when text is null then null
        when number is null then 'structure'
        when number in (-9999, 9999, -999) then 'no_reading'
    end as rule
from read

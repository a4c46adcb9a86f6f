-- Degrees inside the box around Shenzhen; swapped axes are put right.
with tidied as (
    select
        {{ function('clean_text') }}(raw_x) as x,
        {{ function('clean_text') }}(raw_y) as y
    from (
        select
            raw_x,
            raw_y
    ) as given
    offset 0
),

typed as (
    select
        x is not null and y is not null as given,
        case when x ~ '^-?\d{1,12}(\.\d+)?$' then x::double precision end as x,
        case when y ~ '^-?\d{1,12}(\.\d+)?$' then y::double precision end as y
    from tidied
    offset 0
),

placed as (
    select
        *,
        case
            when not given then 'missing'
            when x between 113.74 and 114.63 and y between 22.38 and 22.88 then 'ok'
            when y between 113.74 and 114.63 and x between 22.38 and 22.88 then 'axes_swapped'
            else 'outside_shenzhen'
        end as rule
    from typed
    offset 0
)

select
    case rule when 'ok' then x when 'axes_swapped' then y end as longitude,
    case rule when 'ok' then y when 'axes_swapped' then x end as latitude,
    case rule
        when 'missing' then null
        when 'ok' then 'ok'
        when 'axes_swapped' then 'repaired'
        else 'invalid'
    end as status,
    case when rule <> 'ok' then nullif(rule, 'missing') end as rule
from placed

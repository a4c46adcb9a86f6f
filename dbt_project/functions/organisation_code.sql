-- GB 11714: eight digits or letters and a check character; written with a hyphen, kept without.
with compacted as (
    select {{ function('compact_code') }}(raw) as code
    from (select raw) as given
    offset 0
),

ruled as (
    select
        code,
        case
            when code is null then 'missing'
            when length(code) <> 9 or code !~ '^[0-9A-Z]+$' or code !~ '[0-9X]$' then 'structure'
            when
                substr('0123456789X', 1 + (11 - (
                    select
                        sum(
                            (strpos('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ', substr(code, place::int, 1)) - 1) * weight
                        )
                    from unnest(array[3, 7, 9, 10, 5, 8, 4, 2]) with ordinality as weights (weight, place)
                ) % 11)::int % 11, 1) <> right(code, 1)
                then 'check_digit'
            when code <> replace(raw, '-', '') then 'tidied'
            else 'ok'
        end as rule
    from compacted
    offset 0
)

select
    case when rule <> 'structure' then code end as value,
    case rule
        when 'missing' then null
        when 'structure' then 'invalid'
        when 'check_digit' then 'suspect'
        when 'tidied' then 'repaired'
        else 'ok'
    end as status,
    case when rule <> 'ok' then nullif(rule, 'missing') end as rule
from ruled

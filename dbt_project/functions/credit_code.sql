-- GB 32100, whose places 9 to 17 are an organisation code of GB 11714: two alphabets, two checks.
with compacted as (
    select {{ function('compact_code') }}(raw) as code
    from (select raw) as given
    offset 0
),

checked as (
    select
        code,
        (31 - outer_sum.sum % 31) % 31 as outer_check,
        (11 - inner_sum.sum % 11) % 11 as inner_check
    from compacted
    cross join
        lateral (
            select
                sum(
                    (strpos('0123456789ABCDEFGHJKLMNPQRTUWXY', substr(code, weight.place::int, 1)) - 1) * weight.value
                ) as sum
            from
                unnest(array[1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28])
                with ordinality as weight (value, place)
        ) as outer_sum
    cross join
        lateral (
            select
                sum(
                    (strpos('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ', substr(code, 8 + weight.place::int, 1)) - 1)
                    * weight.value
                ) as sum
            from unnest(array[3, 7, 9, 10, 5, 8, 4, 2]) with ordinality as weight (value, place)
        ) as inner_sum
    offset 0
),

ruled as (
    select
        code,
        case
            when code is null then 'missing'
            when code !~ '^[0-9A-HJ-NP-RTUWXY]{2}\d{6}[0-9A-HJ-NP-RTUWXY]{10}$' then 'structure'
            when substr('0123456789ABCDEFGHJKLMNPQRTUWXY', outer_check::int + 1, 1) <> right(code, 1)
                then 'check_digit'
            when substr('0123456789X', inner_check::int + 1, 1) <> substr(code, 17, 1)
                then 'organisation_code'
            when code <> raw then 'tidied'
            else 'ok'
        end as rule
    from checked
    offset 0
)

select
    case when rule <> 'structure' then code end as value,
    case rule
        when 'missing' then null
        when 'structure' then 'invalid'
        when 'tidied' then 'repaired'
        when 'ok' then 'ok'
        else 'suspect'
    end as status,
    case when rule <> 'ok' then nullif(rule, 'missing') end as rule
from ruled

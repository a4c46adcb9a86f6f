-- Device identity (3GPP TS 23.003): 15 digits, the last by Luhn's rule.
with compacted as (
    select {{ function('compact_code') }}(raw) as code
    from (select raw) as given
    offset 0
),

summed as (
    select
        code,
        code ~ '^\d{15}$' as is_shaped,
        (
            select sum(case when place % 2 = 1 then digit else digit * 2 - 9 * (digit > 4)::int end)
            from
                generate_series(1, 15) as place
            cross join lateral (select substr(code, place, 1)::int as digit) as digits
            where code ~ '^\d{15}$'
        ) % 10 = 0 as adds_up
    from compacted
    offset 0
)

select
    case when is_shaped then code end as value,
    case
        when code is null then null
        when not is_shaped then 'invalid'
        when not adds_up then 'suspect'
        when code = raw then 'ok'
        else 'repaired'
    end as status,
    case
        when code is null or code = raw and is_shaped and adds_up then null
        when not is_shaped then 'structure'
        when not adds_up then 'check_digit'
        else 'tidied'
    end as rule
from summed

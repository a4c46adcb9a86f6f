-- GB 11643. Each step is one CTE; `offset 0` keeps the planner from evaluating a step again for
-- every use of its result when the function is inlined. Lengths are compared apart from patterns:
-- a counted pattern such as \d{17} costs four times as much.
with compacted as (
    select {{ function('compact_code') }}(raw) as code
    from (select raw) as given
    offset 0
),

shaped as (
    select
        code,
        case
            when length(code) = 18 and code ~ '^\d+X?$' then left(code, 17)
            when length(code) = 15 and code ~ '^\d+$' then left(code, 6) || '19' || right(code, 9)
        end as body
    from compacted
    offset 0
),

digits as (
    select
        code,
        body,
        body::bytea as byte,
        {{ function('calendar_day') }}(
            substr(body, 7, 4)::int, substr(body, 11, 2)::int, substr(body, 13, 2)::int
        ) as birth_date
    from shaped
    offset 0
),

checked as (
    select
        code,
        body,
        birth_date,
        case when get_byte(byte, 16) % 2 = 1 then '1' else '2' end as sex_code,
        -- 48 is the byte of '0', 100 the sum of the weights.
        body || substr('10X98765432', 1 + (
            get_byte(byte, 0) * 7 + get_byte(byte, 1) * 9 + get_byte(byte, 2) * 10
            + get_byte(byte, 3) * 5 + get_byte(byte, 4) * 8 + get_byte(byte, 5) * 4
            + get_byte(byte, 6) * 2 + get_byte(byte, 7) + get_byte(byte, 8) * 6
            + get_byte(byte, 9) * 3 + get_byte(byte, 10) * 7 + get_byte(byte, 11) * 9
            + get_byte(byte, 12) * 10 + get_byte(byte, 13) * 5 + get_byte(byte, 14) * 8
            + get_byte(byte, 15) * 4 + get_byte(byte, 16) * 2 - 48 * 100
        ) % 11, 1) as right_number
    from digits
    offset 0
),

ruled as (
    select
        birth_date,
        sex_code,
        case when length(code) = 15 then right_number else code end as number,
        case
            when code is null then 'missing'
            when code ~ '^\d(\.\d+)?E\+?\d+$' then 'excel_notation'
            when body is null then 'structure'
            when length(code) = 18 and code like '%000' and code <> right_number then 'excel_rounded'
            when birth_date is null then 'no_such_date'
            when birth_date > as_of then 'future_birth'
            when length(code) = 18 and code <> right_number then 'check_digit'
            when birth_date <= as_of - interval '121 years' then 'age_over_120'
            when code !~ '^(1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3]0000)' then 'unknown_region'
            when length(code) = 15 then 'upgraded_15_digits'
            when code <> raw then 'tidied'
            else 'ok'
        end as rule
    from checked
    offset 0
),

judged as (
    select
        *,
        case
            when rule = 'missing' then null
            when rule = 'ok' then 'ok'
            when rule in ('tidied', 'upgraded_15_digits') then 'repaired'
            when rule in ('check_digit', 'age_over_120', 'unknown_region') then 'suspect'
            else 'invalid'
        end as status
    from ruled
    offset 0
)

select
    case when status <> 'invalid' then number end as value,
    status,
    case when status <> 'ok' then rule end as rule,
    case when status <> 'invalid' then birth_date end as birth_date,
    case when status <> 'invalid' then sex_code end as sex_code
from judged

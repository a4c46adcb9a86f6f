-- GB 11643 out of a compact code, and the cards numbered like it: residence permits of 港澳台 (810000,
-- 820000, 830000) and, since December 2023, permanent-residence cards of foreigners (9, province,
-- country). Each step is one CTE; `offset 0` keeps the planner from evaluating a step again for every
-- use of its result when the function is inlined. Lengths are compared apart from patterns: a counted
-- pattern such as \d{17} costs four times as much. Digits are read as bytes, of which 48 is '0'.
with shaped as (
    select
        code,
        case
            when length(code) = 18 and code ~ '^[0-9]+X?$' then code::bytea
            when length(code) = 15 and code ~ '^[0-9]+$' then (left(code, 6) || '19' || right(code, 9))::bytea
        end as byte
    from (select code) as given
    offset 0
),

digits as (
    select
        code,
        byte,
        get_byte(byte, 6) * 1000 + get_byte(byte, 7) * 100 + get_byte(byte, 8) * 10 + get_byte(byte, 9) - 53328
            as year,
        get_byte(byte, 10) * 10 + get_byte(byte, 11) - 528 as month,
        get_byte(byte, 12) * 10 + get_byte(byte, 13) - 528 as day,
        substr('10X98765432', 1 + (
            get_byte(byte, 0) * 7 + get_byte(byte, 1) * 9 + get_byte(byte, 2) * 10
            + get_byte(byte, 3) * 5 + get_byte(byte, 4) * 8 + get_byte(byte, 5) * 4
            + get_byte(byte, 6) * 2 + get_byte(byte, 7) + get_byte(byte, 8) * 6
            + get_byte(byte, 9) * 3 + get_byte(byte, 10) * 7 + get_byte(byte, 11) * 9
            + get_byte(byte, 12) * 10 + get_byte(byte, 13) * 5 + get_byte(byte, 14) * 8
            + get_byte(byte, 15) * 4 + get_byte(byte, 16) * 2 - 48 * 100
        ) % 11, 1) as check_digit
    from shaped
    offset 0
),

dated as (
    select
        code,
        byte,
        check_digit,
        {{ function('calendar_day') }}(year, month, day) as birth_date
    from digits
    offset 0
),

ruled as (
    select
        code,
        byte,
        check_digit,
        birth_date,
        case
            when code is null then null
            when byte is null
                then case when code ~ '^\d(\.\d+)?E\+?\d+$' then 'excel_notation' else 'structure' end
            when length(code) = 18 and right(code, 1) <> check_digit
                then case
                    when right(code, 3) = '000' then 'excel_rounded'
                    when birth_date is null then 'no_such_date'
                    when birth_date > as_of then 'future_birth'
                    else 'check_digit'
                end
            when birth_date is null then 'no_such_date'
            when birth_date > as_of then 'future_birth'
            -- a check digit is right by chance once in eleven times: of numbers that end so, most were rounded
            when length(code) = 18 and right(code, 3) = '000' then 'may_be_rounded'
            -- the days are compared first: years cost more
            when birth_date <= as_of - 44194 and birth_date <= as_of - interval '121 years' then 'age_over_120'
            when
                case when code like '9%' and length(code) = 18 then substr(code, 2, 2) else left(code, 2) end not in (
                    '11', '12', '13', '14', '15', '21', '22', '23', '31', '32', '33', '34', '35', '36', '37',
                    '41', '42', '43', '44', '45', '46', '50', '51', '52', '53', '54', '61', '62', '63', '64', '65',
                    '71'
                )
                and left(code, 6) not in ('810000', '820000', '830000')
                then 'unknown_region'
            when length(code) = 15 then 'upgraded_15_digits'
            else 'ok'
        end as rule
    from dated
    offset 0
),

judged as (
    select
        *,
        case
            when rule is null or rule = 'ok' then rule
            when rule = 'upgraded_15_digits' then 'repaired'
            when rule in ('check_digit', 'may_be_rounded', 'age_over_120', 'unknown_region') then 'suspect'
            else 'invalid'
        end as status
    from ruled
    offset 0
)

select
    case
        when status = 'invalid' then null
        when length(code) = 15 then left(code, 6) || '19' || right(code, 9) || check_digit
        else code
    end as value,
    status,
    nullif(rule, 'ok') as rule,
    case when status <> 'invalid' then birth_date end as birth_date,
    case when status <> 'invalid' then case when get_byte(byte, 16) % 2 = 1 then '1' else '2' end end as sex_code
from judged

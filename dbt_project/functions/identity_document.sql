-- The number of any document that names a person. Those of 18 and 15 digits are judged by resident_id:
-- cards of citizens and of foreigners, residence permits of 港澳台. Of the others only the permanent-
-- residence card of before December 2023 has a check digit (weights 7 3 1, A = 10). A shape that other
-- things share as well is no more than suspect. `offset 0`: see resident_id.
with compacted as (
    select translate({{ function('compact_code') }}(raw), '()', '') as code
    from (select raw) as given
    offset 0
),

other as (
    select
        compacted.code,
        number.value,
        number.status,
        number.rule,
        number.birth_date,
        number.sex_code,
        case
            when number.rule = 'structure'
                then case
                    when compacted.code ~ '^[HM]\d{8}(\d\d)?$' then 'hk_macao_travel_permit'
                    when compacted.code ~ '^\d{10}[A-Z]$' then 'taiwan_travel_permit'
                    when compacted.code ~ '^\d{8}$' then 'taiwan_travel_permit?'
                    when compacted.code ~ '^[A-Z]{3}\d{12}$' then 'permanent_residence_card'
                    when compacted.code ~ '^(E[0-9A-HJ-NP-Z]\d{7}|[DGKPS]\d{8}|([DPS]E|KJ|MA)\d{7})$' then 'passport'
                    when compacted.code ~ '^([A-Z]{1,2}\d{6,8}[A-Z]?|\d\d[A-Z]{2}\d{5})$' then 'passport?'
                end
        end as kind
    from compacted
    cross join lateral {{ function('resident_id') }}(compacted.code, as_of) as number
    offset 0
),

ruled as (
    select
        *,
        case
            when kind is null then coalesce(rule, case when code <> raw then 'tidied' end)
            when kind like '%?' then 'shape_only'
            when
                kind = 'permanent_residence_card'
                -- the year has two digits, of which century is not said
                and {{ function('calendar_day') }}(
                    2000 + substr(code, 8, 2)::int, substr(code, 10, 2)::int, substr(code, 12, 2)::int
                ) is null
                then 'no_such_date'
            when
                kind = 'permanent_residence_card'
                -- the weighted sum, from which 55 is taken for each letter and 48 for each digit
                and (
                    get_byte(code::bytea, 0) * 7 + get_byte(code::bytea, 1) * 3 + get_byte(code::bytea, 2)
                    + get_byte(code::bytea, 3) * 7 + get_byte(code::bytea, 4) * 3 + get_byte(code::bytea, 5)
                    + get_byte(code::bytea, 6) * 7 + get_byte(code::bytea, 7) * 3 + get_byte(code::bytea, 8)
                    + get_byte(code::bytea, 9) * 7 + get_byte(code::bytea, 10) * 3 + get_byte(code::bytea, 11)
                    + get_byte(code::bytea, 12) * 7 + get_byte(code::bytea, 13) * 3 - 55 * 11 - 48 * 43
                ) % 10 <> right(code, 1)::int
                then 'check_digit'
            when code <> raw then 'tidied'
        end as own_rule
    from other
    offset 0
)

select
    case when kind is null then value when coalesce(own_rule, '') <> 'no_such_date' then code end as value,
    case
        when own_rule is null and code is not null then 'ok'
        when own_rule = 'tidied' then 'repaired'
        when kind is null then status
        when own_rule = 'no_such_date' then 'invalid'
        else 'suspect'
    end as status,
    own_rule as rule,
    birth_date,
    sex_code,
    case
        when kind is not null then rtrim(kind, '?')
        when rule = 'structure' or code is null then null
        when code collate "C" < '8' then 'resident_id'
        when code like '9%' and length(code) = 18 then 'permanent_residence_card'
        when code like '8_0000%' then 'hmt_residence_permit'
        else 'resident_id'
    end as kind
from ruled

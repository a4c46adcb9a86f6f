with compacted as (
    select regexp_replace({{ function('compact_code') }}(raw), '^(\+|00)?86(?=1\d{10}$)|[()]', '', 'g') as code
    from (select raw) as given
    offset 0
),

read as (
    select
        code,
        case
            when code ~ '^1[3-9]\d{9}$' then code
            when code ~ '^0(10|2\d)\d{8}$' then left(code, 3) || '-' || substr(code, 4)
            when code ~ '^0[3-9]\d{2}\d{7,8}$' then left(code, 4) || '-' || substr(code, 5)
        end as value
    from compacted
    offset 0
)

select
    value,
    case
        when code is null then null
        when value is null then 'invalid'
        when value = raw then 'ok'
        else 'repaired'
    end as status,
    case
        when code is null or value = raw then null
        when value is null then 'structure'
        else 'tidied'
    end as rule
from read

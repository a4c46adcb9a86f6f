-- 25 digits: 14 of the base grid, 5 of the building, 6 of the room. 19 digits, or a room 000000, name only
-- a building; a building 00000 is none.
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
            when code ~ '^\d(\.\d+)?E\+?\d+$' then 'excel_notation'
            when code !~ '^\d+$' then 'structure'
            when length(code) not in (19, 25) then 'structure'
            when substr(code, 15, 5) = '00000' then 'part_is_zero'
            when length(code) = 19 or code like '%000000' then 'building_only'
            when code <> raw then 'tidied'
            else 'ok'
        end as rule
    from compacted
    offset 0
)

select
    case when rule in ('ok', 'tidied') then code end as value,
    case rule
        when 'missing' then null
        when 'ok' then 'ok'
        when 'tidied' then 'repaired'
        when 'building_only' then 'suspect'
        else 'invalid'
    end as status,
    case when rule <> 'ok' then nullif(rule, 'missing') end as rule,
    case when rule in ('ok', 'tidied', 'building_only') then left(code, 19) end as building_code
from ruled

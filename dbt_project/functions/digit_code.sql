-- Codes without a check digit: `pattern` says which digits they may have.
with compacted as (
    select {{ function('compact_code') }}(raw) as code
    from (select raw) as given
    offset 0
)

select
    case when code ~ pattern then code end as value,
    case
        when code is null then null
        when code !~ pattern then 'invalid'
        when code = raw then 'ok'
        else 'repaired'
    end as status,
    case
        when code is null or code = raw and code ~ pattern then null
        when code !~ pattern then 'structure'
        else 'tidied'
    end as rule
from compacted

-- GB/T 2260 district (6 digits), street (9) or community (12, statistical code); provinces as in resident_id.
with shaped as (
    select
        code.*,
        code.value !~ '^(1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[12])' as is_unknown
    from {{ function('digit_code') }}(raw, '^\d{6}(\d{3}){0,2}$') as code
    offset 0
)

select
    value,
    case when is_unknown then 'suspect' else status end as status,
    case when is_unknown then 'unknown_region' else rule end as rule,
    case length(value) when 6 then 'district' when 9 then 'street' when 12 then 'community' end as level
from shaped

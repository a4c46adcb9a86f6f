-- 16 digits: district 6, group of classes 2, class 2, serial number 6 (GB/T 30428.2). The 2007 edition had
-- groups 06 and 21 as well.
select
    case when code.value ~ '^\d{6}(0[1-6]|21)(?!00)\d\d(?!000000)' then code.value end as value,
    case when code.value !~ '^\d{6}(0[1-6]|21)(?!00)\d\d(?!000000)' then 'invalid' else code.status end as status,
    case
        when code.value !~ '^\d{6}(0[1-6]|21)(?!00)' then 'unknown_class'
        when code.value ~ '000000$' then 'part_is_zero'
        else code.rule
    end as rule
from {{ function('digit_code') }}(raw, '^\d{16}$') as code

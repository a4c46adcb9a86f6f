-- 15 digits: district 6, street 3, community 3, serial number 3 (GB/T 30428.1); none of the last three is 000.
select
    case when code.status <> 'invalid' and code.value !~ '^.{6}(...)*?000(...)*$' then code.value end as value,
    case when code.value ~ '^.{6}(...)*?000(...)*$' then 'invalid' else code.status end as status,
    case when code.value ~ '^.{6}(...)*?000(...)*$' then 'part_is_zero' else code.rule end as rule
from {{ function('digit_code') }}(raw, '^\d{15}$') as code

-- Every version of every registration of the police: where the person was registered, and whether.
select
    link.resident_id,
    'police.resident' as source_system,
    log.xlh as source_key,
    changed.value as source_date,
    coalesce(cancelled.code, '0') <> '1' as is_registered,
    residence_kind.name as residence_kind,
    {{ function('clean_text') }}(log.hh) as household_number,
    community.code as community_code,
    house.building_code,
    log._recorded_from as recorded_from,
    log._recorded_to as recorded_to
from {{ source('police', 'resident') }} as log
inner join {{ last_link('resident') }} as link on link.source_system = 'police.resident' and link.source_key = log.xlh
cross join lateral {{ function('calendar_date') }}(log.gxsj) as changed
cross join lateral {{ function('house_code') }}(log.fwbm) as house
{{ join_code('residence_kind', 'log.rkxz') }}
{{ join_code('community', 'log.sqbm') }}
{{ join_code('yes_no', 'log.zxbs', as='cancelled') }}

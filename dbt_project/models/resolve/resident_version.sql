-- Every version of every registration of the police: where the person was registered, and whether.
-- Versions that stand were cleaned in staging; those that ended are few, and cleaned here.
with version as (
    select
        registration_number as source_key,
        updated_on as source_date,
        not is_cancelled as is_registered,
        residence_kind_code,
        household_number,
        community_code,
        building_code,
        _recorded_from as recorded_from,
        null::timestamptz as recorded_to
    from {{ ref('stg_police__resident') }}
    union all
    select
        log.xlh as source_key,
        changed.value as source_date,
        coalesce(cancelled.code, '0') <> '1' as is_registered,
        residence_kind.code as residence_kind_code,
        {{ function('clean_text') }}(log.hh) as household_number,
        community.code as community_code,
        house.building_code,
        log._recorded_from as recorded_from,
        log._recorded_to as recorded_to
    from {{ source('police', 'resident') }} as log
    cross join lateral {{ function('calendar_date') }}(log.gxsj) as changed
    cross join lateral {{ function('house_code') }}(log.fwbm) as house
    {{ join_code('residence_kind', 'log.rkxz') }}
    {{ join_code('community', 'log.sqbm') }}
    {{ join_code('yes_no', 'log.zxbs', as='cancelled') }}
    where log._recorded_to is not null
)

select
    link.resident_id,
    'police.resident' as source_system,
    version.source_key,
    version.source_date,
    version.is_registered,
    residence_kind.name as residence_kind,
    version.household_number,
    version.community_code,
    version.building_code,
    version.recorded_from,
    version.recorded_to
from version
inner join {{ last_link('resident') }} as link
    on link.source_system = 'police.resident' and version.source_key = link.source_key
{{ join_name('residence_kind', 'version.residence_kind_code') }}

select
    'police.building' as source_system,
    source_key,
    building_code as identifier
from {{ ref('stg_police__building') }}

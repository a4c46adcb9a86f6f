select
    'city_management.component' as source_system,
    source_key,
    component_code as identifier
from {{ ref('stg_city_management__component') }}

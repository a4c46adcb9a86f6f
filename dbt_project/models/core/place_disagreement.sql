{{ config(indexes=[{'columns': ['entity', 'entity_id', 'relation', 'other_basis'], 'unique': true}]) }}

{#- Entity, its model and key, relation, what its code says, what else says otherwise and how it knows, who answers. -#}
{%- set pairs = [
    ('building', 'dim_building', 'building_id', 'grid', 'grid_code', 'located_grid_code', 'geometry', 'police'),
    ('urban_component', 'dim_urban_component', 'component_id', 'grid', 'grid_code', 'located_grid_code', 'geometry',
        'city_management'),
    ('sensor', 'dim_sensor', 'sensor_id', 'grid', 'grid_code', 'located_grid_code', 'geometry', 'city_management'),
    ('sensor', 'dim_sensor', 'sensor_id', 'grid', 'grid_code', 'carrier_grid_code', 'carrier', 'city_management'),
    ('case', 'fct_case', 'case_number', 'grid', 'grid_code', 'located_grid_code', 'geometry', 'city_management'),
    ('request', 'fct_request', 'request_id', 'grid', 'grid_code', 'located_grid_code', 'geometry', 'requests'),
    ('visit', 'fct_visit', 'visit_number', 'grid', 'grid_code', 'building_grid_code', 'building', 'grid'),
] %}

{%- for entity, model, key, relation, said, other, basis, department in pairs %}
select
    '{{ entity }}' as entity,
    {{ key }}::text as entity_id,
    '{{ relation }}' as relation,
    {{ said }} as said_code,
    {{ other }} as other_code,
    '{{ basis }}' as other_basis,
    '{{ department }}' as department,
    community_code
from {{ ref(model) }}
where {{ said }} <> {{ other }}
{%- if not loop.last %}
union all
{%- endif %}
{%- endfor %}

{{ config(indexes=[
    {'columns': ['component_id'], 'unique': true},
    {'columns': ['component_code']},
    {'columns': ['community_code']},
    {'columns': ['geometry'], 'type': 'gist'},
]) }}

with placed as (
    select
        link.component_id,
        component.*,
        st_point(component.longitude, component.latitude, 4326) as geometry
    from {{ ref('component_record') }} as component
    {{ join_link('component', 'component.source_system', 'component.source_key') }}
    where link.component_id is not null
)

select distinct on (placed.component_id)
    placed.component_id,
    placed.component_code,
    placed.component_code_status as code_status,
    placed.component_code_rule as code_rule,
    placed.component_name,
    class.class_code,
    class.class_name,
    class.group_name as class_group,
    placed.authority_code,
    placed.authority_name,
    placed.owner_code,
    placed.owner_name,
    placed.maintainer_code,
    placed.maintainer_name,
    coded.grid_code,
    located.grid_code as located_grid_code,
    coded.grid_code = located.grid_code as grid_agrees,
    coalesce(coded.community_code, located.community_code) as community_code,
    placed.authority_code is not null and placed.owner_code is not null
    and placed.maintainer_code is not null and coded.grid_code is not null as has_four_elements,
    placed.state,
    coalesce(placed.state <> '废弃', true) as is_in_use,
    placed.first_surveyed_on,
    placed.changed_on,
    placed.position_source,
    placed.coordinate_status,
    placed.coordinate_rule,
    placed.geometry
from placed
left join {{ ref('component_class') }} as class using (class_code)
left join {{ ref('dim_grid') }} as coded using (grid_code)
{{ join_located_grid('placed.geometry') }}
order by placed.component_id, placed._recorded_from desc, placed.source_key

{{ stacked(var('component_sources'), [
    'source_key', 'component_code as identifier', 'component_code', 'component_code_status',
    'component_code_rule', 'component_name', 'class_code', 'authority_code', 'authority_name',
    'owner_code', 'owner_name', 'maintainer_code', 'maintainer_name', 'grid_code', 'state',
    'first_surveyed_on', 'changed_on', 'position_source', 'longitude', 'latitude',
    'coordinate_status', 'coordinate_rule', '_recorded_from',
]) }}

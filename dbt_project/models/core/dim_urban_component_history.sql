{{ config(indexes=[{'columns': ['component_id']}, {'columns': ['grid_code']}]) }}

{{ bitemporal(ref('component_version'), 'component_id', [
    'state', 'grid_code', 'authority_code', 'owner_code', 'maintainer_code', 'geometry',
]) }}

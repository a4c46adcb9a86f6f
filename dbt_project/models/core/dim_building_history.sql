{{ config(indexes=[{'columns': ['building_id']}, {'columns': ['community_code']}]) }}

{{ bitemporal(ref('building_version'), 'building_id', [
    'building_name', 'community_code', 'grid_code', 'building_use', 'floors', 'has_lift', 'geometry',
]) }}

{{ config(indexes=[{'columns': ['grid_code']}, {'columns': ['geometry'], 'type': 'gist'}]) }}

{{ bitemporal(ref('grid_version'), 'grid_code', ['grid_name', 'community_code', 'geometry']) }}

{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key=['source_system', 'source_key', 'valid_from'],
    full_refresh=false,
    indexes=[{'columns': ['source_system', 'source_key']}, {'columns': ['building_id']}],
) }}

{{ crosswalk('building') }}

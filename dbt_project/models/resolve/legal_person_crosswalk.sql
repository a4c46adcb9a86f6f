{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key=['source_system', 'source_key', 'valid_from'],
    full_refresh=false,
    indexes=[{'columns': ['source_system', 'source_key']}, {'columns': ['legal_person_id']}],
) }}

{{ crosswalk('legal_person') }}

{{ config(
    materialized='incremental',
    incremental_strategy='append',
    full_refresh=false,
    indexes=[{'columns': ['identifier'], 'unique': true}],
) }}

{{ registry('building', ref('building_record')) }}

{{ config(
    materialized='incremental',
    incremental_strategy='append',
    full_refresh=false,
    indexes=[{'columns': ['identifier'], 'unique': true}],
) }}

{{ registry('component', ref('component_record')) }}

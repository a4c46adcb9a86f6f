{{ config(
    materialized='incremental',
    incremental_strategy='append',
    full_refresh=false,
    indexes=[{'columns': ['identifier'], 'unique': true}],
) }}

{{ registry('legal_person', ref('legal_person_record')) }}

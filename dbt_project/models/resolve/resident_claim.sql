{{ config(materialized='ephemeral') }}

-- What is said of each field of a person, one row per statement.
{{ claims('resident_id', ref('resident_statement'), resident_fields()) }}

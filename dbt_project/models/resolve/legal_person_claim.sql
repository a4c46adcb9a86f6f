{{ config(materialized='ephemeral') }}

-- What is said of each field of a legal person, one row per statement.
{{ claims('legal_person_id', ref('legal_person_statement'), legal_person_fields()) }}

{{ config(materialized='ephemeral') }}

{#- Field, value, which statement of the record it is, and whether the record itself confirms it. -#}
{{ claims('legal_person_id', ref('legal_person_statement'), [
    ('credit_code', 'credit_code', 'stated', "credit_code_status in ('ok', 'repaired')"),
    ('name', 'name', 'stated', 'false'),
    ('kind', 'kind_code', 'stated', 'false'),
    ('address', 'address', 'stated', 'false'),
    ('community', 'community_code', 'stated', 'false'),
    ('founded_on', 'founded_on::text', 'stated', 'false'),
    ('is_active', 'is_active::text', 'stated', 'false'),
    ('industry', 'industry_code', 'stated', 'false'),
    ('registration_number', 'registration_number', 'stated', 'false'),
]) }}

{{ config(indexes=[{'columns': ['entity_id']}]) }}

select
    entity,
    entity_id,
    field,
    source_system,
    source_key,
    observed_on,
    learnt_at,
    rule,
    statement_count
from {{ ref('resident_choice') }}
union all
select
    entity,
    entity_id,
    field,
    source_system,
    source_key,
    observed_on,
    learnt_at,
    rule,
    statement_count
from {{ ref('legal_person_choice') }}

{{ config(indexes=[{'columns': ['entity_id']}, {'columns': ['source_system', 'field']}]) }}

select
    said.entity,
    said.entity_id,
    said.field,
    said.source_system,
    said.source_key,
    said.statement,
    {{ masked_value('said.entity', 'said.field', 'said.value') }} as masked_value,
    said.observed_on,
    said.learnt_at,
    said.is_chosen,
    said.agrees,
    said.rule
from {{ ref('attribute_dispute') }} as said

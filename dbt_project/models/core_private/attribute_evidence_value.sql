{{ config(indexes=[{'columns': ['entity_id']}]) }}

select
    said.entity,
    said.entity_id,
    said.field,
    said.source_system,
    said.source_key,
    said.statement,
    said.value
from {{ ref('attribute_dispute') }} as said

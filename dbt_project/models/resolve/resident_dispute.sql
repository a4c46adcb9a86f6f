{{ config(indexes=[{'columns': ['entity_id', 'field']}]) }}

{{ dispute('resident', ref('resident_claim'), ref('resident_agreement')) }}

{{ config(indexes=[{'columns': ['legal_person_id']}]) }}

{{ bitemporal(ref('legal_person_version'), 'legal_person_id', ['name', 'address', 'state', 'is_active']) }}

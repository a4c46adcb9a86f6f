{{ config(indexes=[{'columns': ['resident_id']}, {'columns': ['community_code']}]) }}

{{ bitemporal(ref('resident_version'), 'resident_id', [
    'is_registered', 'residence_kind', 'household_number', 'community_code', 'building_code',
]) }}

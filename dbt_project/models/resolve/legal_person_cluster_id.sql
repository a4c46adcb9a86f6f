{{ config(indexes=[{'columns': ['cluster'], 'unique': true}]) }}

{{ cluster_ids('legal_person', 'L', ref('legal_person_record')) }}

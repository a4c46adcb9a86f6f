{{ config(indexes=[{'columns': ['cluster'], 'unique': true}]) }}

{{ cluster_ids('resident', 'R', ref('resident_record')) }}

{{ config(indexes=[{'columns': ['cluster'], 'unique': true}]) }}

{{ cluster_ids('building', 'B', ref('building_record')) }}

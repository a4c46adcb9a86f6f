{{ config(indexes=[{'columns': ['cluster'], 'unique': true}]) }}

{{ cluster_ids('component', 'C', ref('component_record')) }}

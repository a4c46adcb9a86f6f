{{ config(materialized='ephemeral') }}

select * from {{ ref('resident_dispute') }}
union all
select * from {{ ref('legal_person_dispute') }}

{{ config(indexes=[{'columns': ['place_number', 'role'], 'unique': true}, {'columns': ['resident_id']}]) }}

with place as (select * from {{ ref('stg_grid__small_place') }}),

named as (
    select
        place_number,
        'operator' as role,
        operator_name as name,
        operator_phone as phone
    from place
    where operator_name is not null
    union all
    select
        place_number,
        'owner' as role,
        owner_name as name,
        owner_phone as phone
    from place
    where owner_name is not null
),

known as (
    select
        name,
        phone,
        min(resident_id) as resident_id
    from {{ ref('resident_survivor') }}
    where phone is not null
    group by name, phone
    having count(*) = 1
)

select
    named.place_number,
    named.role,
    known.resident_id,
    {{ function('mask_name') }}(named.name) as masked_name,
    case when known.resident_id is not null then 'name_and_phone' end as rule
from named
left join known using (name, phone)

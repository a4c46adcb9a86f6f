{{ config(indexes=[
    {'columns': ['household_number'], 'unique': true},
    {'columns': ['house_code']},
    {'columns': ['community_code']},
]) }}

with members as (
    select
        person.household_number,
        person.resident_id,
        person.age,
        person.community_code,
        registration.house_code,
        registration.family_relation_code = '0' as is_head
    from {{ ref('dim_resident') }} as person
    inner join {{ ref('resident_registration') }} as registration using (resident_id)
    where person.is_registered and person.household_number is not null
),

counted as (
    select
        household_number,
        min(resident_id) filter (where is_head) as head_resident_id,
        count(*)::int as members,
        (count(*) filter (where age < 18))::int as minors,
        (count(*) filter (where age >= 60))::int as elderly,
        bool_and(age >= 60) as only_elderly,
        mode() within group (order by house_code) as house_code,
        mode() within group (order by community_code) as community_code
    from members
    group by household_number
)

select
    counted.household_number,
    counted.head_resident_id,
    counted.members,
    counted.minors,
    counted.elderly,
    counted.members = 1 and counted.elderly = 1 as is_elderly_alone,
    coalesce(counted.only_elderly, false) as is_only_elderly,
    dwelling.house_code,
    dwelling.building_id,
    counted.community_code
from counted
left join {{ ref('dim_dwelling') }} as dwelling using (house_code)

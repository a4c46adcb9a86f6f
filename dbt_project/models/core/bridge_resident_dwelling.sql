{{ config(indexes=[
    {'columns': ['resident_id', 'house_code', 'relation', 'source_system'], 'unique': true},
    {'columns': ['house_code']},
]) }}

-- A dwelling that a record names twice counts once; a stated code before a read address.
with claimed as (
    select
        link.resident_id,
        claim.house_code,
        claim.relation,
        claim.source_system,
        max(claim.basis collate "C") as basis,
        max(claim.confidence) as confidence,
        min(claim.since) as since
    from {{ ref('residence_claim') }} as claim
    inner join {{ ref('resident_crosswalk') }} as link using (source_system, source_key)
    where link.valid_to is null
    group by link.resident_id, claim.house_code, claim.relation, claim.source_system
),

lived_in as (
    select
        resident_id,
        house_code,
        min(since) as since
    from claimed
    where relation = 'lives'
    group by resident_id, house_code
)

select *
from claimed
union all
-- The grid says how a dwelling is used: who lives in one that is let rents it; where its owner lives,
-- the head of the household that the police register there is taken for the owner.
select
    lived_in.resident_id,
    lived_in.house_code,
    case house.house_usage_code when '出租' then 'rents' else 'owns' end as relation,
    'grid.house' as source_system,
    'dwelling_use' as basis,
    0.8::float8 as confidence,
    lived_in.since
from lived_in
inner join {{ ref('stg_grid__house') }} as house using (house_code)
left join {{ ref('resident_registration') }} as registration using (resident_id, house_code)
where
    house.house_usage_code = '出租'
    or house.house_usage_code = '自住' and registration.is_registered and registration.family_relation_code = '0'

{{ config(indexes=[
    {'columns': ['resident_id', 'house_code', 'relation', 'source_system'], 'unique': true},
    {'columns': ['house_code']},
]) }}

with claimed as (
    select
        link.resident_id,
        claim.source_system,
        claim.relation,
        claim.house_code,
        claim.basis,
        claim.confidence,
        claim.since
    from {{ ref('residence_claim') }} as claim
    inner join {{ ref('resident_crosswalk') }} as link using (source_system, source_key)
    where link.valid_to is null
),

-- The grid says how a dwelling is used: who lives in one that is let rents it; where its owner lives,
-- the head of the household that the police register there is taken for the owner.
used as (
    select
        claimed.resident_id,
        'grid.house' as source_system,
        case house.house_usage_code when '出租' then 'rents' else 'owns' end as relation,
        claimed.house_code,
        'dwelling_use' as basis,
        0.8::float8 as confidence,
        claimed.since
    from claimed
    inner join {{ ref('stg_grid__house') }} as house using (house_code)
    left join {{ ref('resident_registration') }} as registration using (resident_id, house_code)
    where
        claimed.relation = 'lives'
        and (
            house.house_usage_code = '出租'
            or house.house_usage_code = '自住' and registration.is_registered
            and registration.family_relation_code = '0'
        )
),

said as (
    select * from claimed
    union all
    select * from used
)

select
    said.resident_id,
    said.house_code,
    said.relation,
    said.source_system,
    (array_agg(said.basis order by said.confidence desc, said.basis))[1] as basis,
    max(said.confidence)::float8 as confidence,
    min(said.since) as since
from said
group by said.resident_id, said.house_code, said.relation, said.source_system

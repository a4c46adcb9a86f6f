{{ config(indexes=[{'columns': ['resident_id'], 'unique': true}]) }}

with link as (
    select * from {{ ref('resident_crosswalk') }} where valid_to is null
),

service as (
    select
        link.resident_id,
        true as is_party_member,
        member.organisation_code as party_organisation_code,
        false as receives_old_age_benefit,
        null::text as benefit_community_code,
        null::date as family_doctor_until
    from {{ ref('stg_party_building__member') }} as member
    inner join link on link.source_system = 'party_building.member' and link.source_key = member.member_number
    union all
    select
        link.resident_id, false, null, benefit.is_receiving, benefit.community_code, null
    from {{ ref('stg_civil_affairs__old_age_benefit') }} as benefit
    inner join link
        on link.source_system = 'civil_affairs.old_age_benefit' and link.source_key = benefit.benefit_number
    union all
    select
        link.resident_id, false, null, false, null, contract.ends_on
    from {{ ref('stg_health__family_doctor_contract') }} as contract
    inner join link
        on link.source_system = 'health.family_doctor_contract' and link.source_key = contract.contract_number
    cross join {{ ref('stg_hub__as_of') }} as as_of
    where coalesce(contract.signed_on, as_of.as_of_date) <= as_of.as_of_date
)

select
    resident_id,
    bool_or(is_party_member) as is_party_member,
    min(party_organisation_code) as party_organisation_code,
    bool_or(coalesce(receives_old_age_benefit, false)) as receives_old_age_benefit,
    min(benefit_community_code) as benefit_community_code,
    max(family_doctor_until) as family_doctor_until
from service
group by resident_id

{{ config(indexes=[{'columns': ['resident_id'], 'unique': true}]) }}

-- A link is one record of one table, so at most one of the three joins finds something.
select
    link.resident_id,
    bool_or(member.member_number is not null) as is_party_member,
    min(member.organisation_code) as party_organisation_code,
    bool_or(coalesce(benefit.is_receiving, false)) as receives_old_age_benefit,
    min(benefit.community_code) as benefit_community_code,
    max(contract.ends_on) as family_doctor_until
from {{ ref('resident_crosswalk') }} as link
cross join {{ ref('stg_hub__as_of') }} as as_of
left join {{ ref('stg_party_building__member') }} as member
    on link.source_system = 'party_building.member' and link.source_key = member.member_number
left join {{ ref('stg_civil_affairs__old_age_benefit') }} as benefit
    on link.source_system = 'civil_affairs.old_age_benefit' and link.source_key = benefit.benefit_number
left join {{ ref('stg_health__family_doctor_contract') }} as contract
    on
        link.source_system = 'health.family_doctor_contract'
        and link.source_key = contract.contract_number
        and coalesce(contract.signed_on, as_of.as_of_date) <= as_of.as_of_date
where
    link.valid_to is null
    and link.source_system in (
        'party_building.member', 'civil_affairs.old_age_benefit', 'health.family_doctor_contract'
    )
group by link.resident_id

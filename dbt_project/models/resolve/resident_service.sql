{{ config(indexes=[{'columns': ['resident_id'], 'unique': true}]) }}

-- A link is one record of one table, so at most one of the four joins finds something.
select
    link.resident_id,
    bool_or(member.member_number is not null) as is_party_member,
    min(member.organisation_code) as party_organisation_code,
    bool_or(coalesce(benefit.is_receiving, false)) as receives_old_age_benefit,
    min(benefit.community_code) as benefit_community_code,
    max(contract.ends_on) as family_doctor_until,
    max(register.verified_on) as grid_verified_on
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
left join {{ ref('stg_grid__population') }} as register
    on link.source_system = 'grid.population' and link.source_key = register.record_number
where
    link.valid_to is null
    and link.source_system in (
        'party_building.member', 'civil_affairs.old_age_benefit', 'health.family_doctor_contract',
        'grid.population'
    )
group by link.resident_id

{{ config(indexes=[{'columns': ['member_number'], 'unique': true}, {'columns': ['resident_id']}]) }}

select
    member.member_number,
    link.resident_id,
    organisation.organisation_code,
    member.organisation_code as organisation_code_as_sent,
    membership.name as membership,
    member.joined_on,
    member.reported_community_code,
    resident.community_code as home_community_code,
    member.reported_community_code = resident.community_code as is_reported_at_home
from {{ ref('stg_party_building__member') }} as member
{{ join_link('resident', "'party_building.member'", 'member.member_number') }}
left join {{ ref('dim_organisation') }} as organisation using (organisation_code)
left join {{ ref('dim_resident') }} as resident on link.resident_id = resident.resident_id
{{ join_name('party_membership', 'member.membership_code', as='membership') }}

{{ config(indexes=[{'columns': ['organisation_code'], 'unique': true}, {'columns': ['community_code']}]) }}

select distinct on (organisation.organisation_code)
    organisation.organisation_code,
    organisation.organisation_name,
    kind.name as organisation_kind,
    organisation.parent_code,
    unit_kind.name as unit_kind,
    organisation.unit_name,
    link.legal_person_id,
    organisation.community_code,
    organisation.founded_on
from {{ ref('stg_party_building__organisation') }} as organisation
left join {{ ref('legal_person_crosswalk') }} as link
    on
        link.source_system = 'party_building.organisation'
        and link.source_key = organisation.source_key
        and link.valid_to is null
left join {{ ref('code_list') }} as kind
    on kind.list = 'party_organisation_kind' and organisation.organisation_kind_code = kind.code
left join {{ ref('code_list') }} as unit_kind
    on unit_kind.list = 'party_unit_kind' and organisation.unit_kind_code = unit_kind.code
where organisation.organisation_code is not null
order by organisation.organisation_code, organisation.source_key

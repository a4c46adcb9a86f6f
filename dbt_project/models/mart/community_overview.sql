with resident as (
    select
        community_code,
        count(*) as residents,
        count(distinct household_number) as households,
        count(*) filter (where age >= elderly_age.value) as elderly_60_plus,
        count(*) filter (where is_party_member) as party_members,
        count(*) filter (where receives_old_age_benefit) as old_age_beneficiaries,
        count(*) filter (where has_family_doctor) as family_doctor_contracts,
        count(*) filter (where id_status in ('suspect', 'invalid')) as suspect_ids
    from {{ ref('dim_resident') }}
    cross join (
        select value from {{ ref('metric_limit') }}
        where limit_name = 'elderly_age'
    ) as elderly_age
    where is_registered
    group by community_code
),

component as (
    select
        community_code,
        count(*) as components,
        count(*) filter (where is_in_use) as components_in_use,
        count(*) filter (where is_in_use and state = '完好') as components_intact,
        count(*) filter (where is_in_use and has_four_elements) as components_four_elements
    from {{ ref('dim_urban_component') }}
    group by community_code
),

building as (
    select
        community_code,
        count(*) as buildings
    from {{ ref('dim_building') }}
    group by community_code
),

party_organisation as (
    select
        community_code,
        count(*) as party_organisations
    from {{ ref('dim_organisation') }}
    group by community_code
),

legal_person as (
    select
        community_code,
        count(*) filter (where is_active is distinct from false) as legal_persons,
        count(*) filter (where is_social_organisation and is_active) as social_organisations
    from {{ ref('dim_legal_person') }}
    group by community_code
)

select
    community.community_code,
    community.community_name,
    as_of.as_of,
    coalesce(resident.residents, 0) as residents,
    coalesce(resident.households, 0) as households,
    coalesce(building.buildings, 0) as buildings,
    community.grids,
    coalesce(resident.elderly_60_plus, 0) as elderly_60_plus,
    {{ share('resident.elderly_60_plus', 'resident.residents') }} as elderly_share,
    coalesce(resident.party_members, 0) as party_members,
    coalesce(party_organisation.party_organisations, 0) as party_organisations,
    coalesce(legal_person.social_organisations, 0) as social_organisations,
    coalesce(legal_person.legal_persons, 0) as legal_persons,
    coalesce(component.components, 0) as components,
    coalesce(component.components_intact, 0) as components_intact,
    coalesce(component.components_in_use, 0) as components_in_use,
    {{ share('component.components_intact', 'component.components_in_use') }} as component_intact_rate,
    coalesce(component.components_four_elements, 0) as components_four_elements,
    {{ share('component.components_four_elements', 'component.components_in_use') }} as four_elements_rate,
    coalesce(resident.old_age_beneficiaries, 0) as old_age_beneficiaries,
    coalesce(resident.family_doctor_contracts, 0) as family_doctor_contracts,
    {{ share('resident.family_doctor_contracts', 'resident.residents') }} as family_doctor_rate,
    coalesce(resident.suspect_ids, 0) as suspect_ids,
    st_asgeojson(community.geometry, 6) as boundary_geojson
from {{ ref('dim_community') }} as community
cross join {{ ref('stg_hub__as_of') }} as as_of
left join resident using (community_code)
left join component using (community_code)
left join building using (community_code)
left join party_organisation using (community_code)
left join legal_person using (community_code)

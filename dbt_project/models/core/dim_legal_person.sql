{{ config(indexes=[
    {'columns': ['legal_person_id'], 'unique': true},
    {'columns': ['credit_code']},
    {'columns': ['community_code']},
]) }}

with authority as (
    select
        department,
        rank
    from {{ ref('authority') }}
    where field = 'legal_person_name'
),

chosen as (
    select
        link.legal_person_id,
        {{ by_authority('record', 'record.identifier is null, authority.rank', given='record.credit_code_status') }}
            as code_record,
        {{ by_authority('record.name', 'authority.rank') }} as name,
        {{ by_authority('record.kind_code', 'authority.rank') }} as kind_code,
        {{ by_authority('record.address', 'authority.rank') }} as address,
        {{ by_authority('record.community_code', 'authority.rank') }} as community_code,
        {{ by_authority('record.founded_on', 'authority.rank') }} as founded_on,
        {{ by_authority('record.is_active', 'authority.rank') }} as is_active,
        {{ by_authority('record.industry_code', 'authority.rank') }} as industry_code,
        {{ by_authority('record.registration_number', 'authority.rank') }} as registration_number,
        bool_or(record.source_system = 'market_regulation.business') as is_business,
        bool_or(record.source_system = 'civil_affairs.social_organisation') as is_social_organisation,
        bool_or(record.source_system = 'party_building.organisation') as has_party_organisation
    from {{ ref('legal_person_crosswalk') }} as link
    inner join {{ ref('legal_person_record') }} as record using (source_system, source_key)
    left join authority on authority.department = split_part(record.source_system, '.', 1)
    where link.valid_to is null
    group by link.legal_person_id
)

select
    chosen.legal_person_id,
    (chosen.code_record).credit_code as credit_code,
    (chosen.code_record).credit_code_status as code_status,
    (chosen.code_record).credit_code_rule as code_rule,
    chosen.name,
    kind.code as kind_code,
    kind.name as kind,
    chosen.address,
    chosen.community_code,
    chosen.founded_on,
    chosen.is_active,
    chosen.industry_code,
    industry.name as industry,
    chosen.registration_number,
    chosen.is_business,
    chosen.is_social_organisation,
    chosen.has_party_organisation
from chosen
left join {{ ref('code_list') }} as industry
    on industry.list = 'industry' and industry.code = chosen.industry_code
left join {{ ref('code_list') }} as kind
    on
        kind.list = 'legal_person_kind'
        and kind.code = coalesce(chosen.kind_code, left((chosen.code_record).credit_code, 2))

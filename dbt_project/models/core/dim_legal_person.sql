{{ config(indexes=[
    {'columns': ['legal_person_id'], 'unique': true},
    {'columns': ['credit_code']},
    {'columns': ['community_code']},
]) }}

with chosen as (
    select
        entity_id as legal_person_id,
        max(value) filter (where field = 'name') as name,
        max(value) filter (where field = 'kind') as kind_code,
        max(value) filter (where field = 'address') as address,
        max(value) filter (where field = 'community') as community_code,
        max(value) filter (where field = 'founded_on')::date as founded_on,
        max(value) filter (where field = 'is_active')::boolean as is_active,
        max(value) filter (where field = 'industry') as industry_code,
        max(value) filter (where field = 'registration_number') as registration_number,
        max(statement_number) filter (where field = 'credit_code') as code_statement_number
    from {{ ref('legal_person_choice') }}
    group by entity_id
),

-- A code that cannot be read is not chosen, yet it says why there is none.
known as (
    select
        legal_person_id,
        min(statement_number) filter (where credit_code is null and credit_code_status is not null)
            as unreadable_statement_number,
        bool_or(source_system = 'market_regulation.business') as is_business,
        bool_or(source_system = 'civil_affairs.social_organisation') as is_social_organisation,
        bool_or(source_system = 'party_building.organisation') as has_party_organisation
    from {{ ref('legal_person_statement') }}
    group by legal_person_id
)

select
    known.legal_person_id,
    coded.credit_code,
    coded.credit_code_status as code_status,
    coded.credit_code_rule as code_rule,
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
    known.is_business,
    known.is_social_organisation,
    known.has_party_organisation
from known
left join chosen using (legal_person_id)
left join {{ ref('legal_person_statement') }} as coded
    on coded.statement_number = coalesce(chosen.code_statement_number, known.unreadable_statement_number)
left join {{ ref('code_list') }} as industry
    on industry.list = 'industry' and industry.code = chosen.industry_code
left join {{ ref('code_list') }} as kind
    on
        kind.list = 'legal_person_kind'
        and kind.code = coalesce(chosen.kind_code, left(coded.credit_code, 2))

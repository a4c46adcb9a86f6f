select
    'civil_affairs.social_organisation' as source_system,
    registration_number as source_key,
    case when credit_code_status in ('ok', 'repaired') then credit_code end as identifier,
    credit_code,
    credit_code_status,
    credit_code_rule,
    name,
    address,
    community_code,
    founded_on,
    organisation_kind_code as kind_code,
    is_active,
    null as industry_code,
    null as registration_number,
    null as organisation_code,
    true as may_found,
    _recorded_from
from {{ ref('stg_civil_affairs__social_organisation') }}
union all
select
    'market_regulation.business' as source_system,
    record_number as source_key,
    case when credit_code_status in ('ok', 'repaired') then credit_code end as identifier,
    credit_code,
    credit_code_status,
    credit_code_rule,
    name,
    registered_address as address,
    community_code,
    registered_on as founded_on,
    case business_kind_code when '7' then '92' when '8' then '93' else '91' end as kind_code,
    is_active,
    industry_code,
    registration_number,
    organisation_code,
    true as may_found,
    _recorded_from
from {{ ref('stg_market_regulation__business') }}
union all
select
    'party_building.organisation' as source_system,
    source_key,
    case when unit_credit_code_status in ('ok', 'repaired') then unit_credit_code end as identifier,
    unit_credit_code,
    unit_credit_code_status,
    unit_credit_code_rule,
    unit_name as name,
    null as address,
    community_code,
    null as founded_on,
    null as kind_code,
    null as is_active,
    null as industry_code,
    null as registration_number,
    null as organisation_code,
    unit_credit_code_status in ('ok', 'repaired') as may_found,
    _recorded_from
from {{ ref('stg_party_building__organisation') }}
where unit_credit_code_status in ('ok', 'repaired') or unit_name is not null
union all
-- a small place bears the name of the business in it
select
    'grid.small_place' as source_system,
    place_number as source_key,
    null as identifier,
    null as credit_code,
    null as credit_code_status,
    null as credit_code_rule,
    name,
    address,
    community_code,
    null as founded_on,
    null as kind_code,
    null as is_active,
    null as industry_code,
    null as registration_number,
    null as organisation_code,
    false as may_found,
    _recorded_from
from {{ ref('stg_grid__small_place') }}

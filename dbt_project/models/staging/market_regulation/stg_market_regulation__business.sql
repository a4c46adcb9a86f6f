{{ config(indexes=[{'columns': ['record_number'], 'unique': true}]) }}

with source as ({{ open_rows('market_regulation', 'business') }})

select
    source.recordid as record_number,
    {{ cleaned('credit_code', 'source.tyshxydm') }},
    {{ cleaned('organisation_code', 'source.zzjgdm') }},
    {{ function('compact_code') }}(source.zch) as registration_number,
    {{ function('clean_text') }}(source.qymc) as name,
    source.qylx as business_kind_raw,
    business_kind.code as business_kind_code,
    source.hymldm as industry_raw,
    industry.code as industry_code,
    {{ function('clean_text') }}(source.fddbr) as representative,
    {{ function('clean_text') }}(source.zs) as registered_address,
    {{ function('clean_text') }}(source.jycs) as operating_address,
    community.region_code as community_code,
    {{ function('clean_text') }}(source.jyfw) as scope,
    {{ function('decimal_number') }}(regexp_replace(source.zczb, '万元?$', '')) as capital_10k,
    source.bizhong as currency_raw,
    currency.code as currency_code,
    {{ cleaned('registered_on', 'source.clrq') }},
    {{ cleaned('approved_on', 'source.hzrq') }},
    source.yyzt as business_state_raw,
    business_state.code as business_state_code,
    business_state.code in ('1', '2') as is_active,
    {{ cleaned('registrar_code', 'source.djjgdh') }},
    {{ logged() }}
from source
cross join lateral {{ function('credit_code') }}(source.tyshxydm) as credit_code
cross join lateral {{ function('organisation_code') }}(source.zzjgdm) as organisation_code
cross join lateral {{ function('region_code') }}(source.djjgdh) as registrar_code
cross join lateral {{ function('calendar_date') }}(source.clrq) as registered_on
cross join lateral {{ function('calendar_date') }}(source.hzrq) as approved_on
{{ join_code('business_kind', 'source.qylx') }}
{{ join_code('industry', 'source.hymldm') }}
{{ join_code('currency', 'source.bizhong') }}
{{ join_code('business_state', 'source.yyzt') }}
-- a business is where it operates; the register names no community, but addresses do
left join {{ ref('region') }} as community
    on
        community.level = 'community'
        and strpos({{ function('tidy') }}(coalesce(nullif(source.jycs, ''), source.zs)), community.name) > 0

{{ config(indexes=[{'columns': ['source_key'], 'unique': true}]) }}

with source as ({{ open_rows('party_building', 'organisation') }})

select
    source.zzdm as source_key,
    {{ function('clean_text') }}(source.zzdm) as organisation_code,
    {{ function('clean_text') }}(source.zzmc) as organisation_name,
    source.zzlb as organisation_kind_raw,
    organisation_kind.code as organisation_kind_code,
    {{ function('clean_text') }}(source.sjzzdm) as parent_code,
    source.dwlb as unit_kind_raw,
    unit_kind.code as unit_kind_code,
    {{ function('clean_text') }}(source.dwmc) as unit_name,
    {{ cleaned('unit_credit_code', 'source.dwtyshxydm') }},
    {{ function('clean_text') }}(source.sjxm) as secretary_name,
    source.sqbm as community_raw,
    community.code as community_code,
    {{ cleaned('founded_on', 'source.clrq') }},
    {{ logged() }}
from source
cross join lateral {{ function('credit_code') }}(source.dwtyshxydm) as unit_credit_code
cross join lateral {{ function('calendar_date') }}(source.clrq) as founded_on
{{ join_code('party_organisation_kind', 'source.zzlb', as='organisation_kind') }}
{{ join_code('party_unit_kind', 'source.dwlb', as='unit_kind') }}
{{ join_code('community', 'source.sqbm') }}

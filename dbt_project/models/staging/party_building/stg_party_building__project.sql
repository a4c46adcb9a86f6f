{{ config(indexes=[{'columns': ['project_number'], 'unique': true}]) }}

with source as ({{ open_rows('party_building', 'project') }})

select
    source.xmbh as project_number,
    {{ function('clean_text') }}(source.xmmc) as title,
    source.xmlb as kind_raw,
    kind.code as kind_code,
    {{ function('clean_text') }}(source.zxdm) as centre_number,
    source.sqmc as community_raw,
    community.code as community_code,
    {{ function('clean_text') }}(source.sbr) as applicant_name,
    {{ function('decimal_number') }}(source.sbje) as amount_asked,
    {{ cleaned('applied_on', 'source.sbrq') }},
    {{ cleaned('discussed_on', 'source.pyrq') }},
    {{ cleaned('approved_on', 'source.lxrq') }},
    {{ cleaned('started_on', 'source.ssrq') }},
    {{ cleaned('finished_on', 'source.wcrq') }},
    {{ cleaned('published_on', 'source.gsrq') }},
    {{ function('decimal_number') }}(source.zfje) as amount_paid,
    source.zt as state_raw,
    state.code as state_code,
    {{ logged() }}
from source
cross join lateral {{ function('calendar_date') }}(source.sbrq) as applied_on
cross join lateral {{ function('calendar_date') }}(source.pyrq) as discussed_on
cross join lateral {{ function('calendar_date') }}(source.lxrq) as approved_on
cross join lateral {{ function('calendar_date') }}(source.ssrq) as started_on
cross join lateral {{ function('calendar_date') }}(source.wcrq) as finished_on
cross join lateral {{ function('calendar_date') }}(source.gsrq) as published_on
{{ join_code('project_kind', 'source.xmlb', as='kind') }}
{{ join_code('community', 'source.sqmc') }}
{{ join_code('project_state', 'source.zt', as='state') }}

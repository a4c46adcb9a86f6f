-- Every version of every registration of a business or social organisation.
select
    link.legal_person_id,
    'market_regulation.business' as source_system,
    log.recordid as source_key,
    approved.value as source_date,
    {{ function('clean_text') }}(log.qymc) as name,
    {{ function('clean_text') }}(log.zs) as address,
    business_state.name as state,
    business_state.code in ('1', '2') as is_active,
    log._recorded_from as recorded_from,
    log._recorded_to as recorded_to
from {{ source('market_regulation', 'business') }} as log
inner join {{ last_link('legal_person') }} as link
    on link.source_system = 'market_regulation.business' and link.source_key = log.recordid
cross join lateral {{ function('calendar_date') }}(log.hzrq) as approved
{{ join_code('business_state', 'log.yyzt') }}
union all
select
    link.legal_person_id,
    'civil_affairs.social_organisation' as source_system,
    log.djzh as source_key,
    null::date as source_date,
    {{ function('clean_text') }}(log.mc) as name,
    {{ function('clean_text') }}(log.zs) as address,
    {{ function('clean_text') }}(log.zt) as state,
    {{ function('clean_text') }}(log.zt) = '正常' as is_active,
    log._recorded_from as recorded_from,
    log._recorded_to as recorded_to
from {{ source('civil_affairs', 'social_organisation') }} as log
inner join {{ last_link('legal_person') }} as link
    on link.source_system = 'civil_affairs.social_organisation' and link.source_key = log.djzh

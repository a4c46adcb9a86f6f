{{ config(indexes=[{'columns': ['project_number'], 'unique': true}]) }}

select
    project.project_number,
    project.title,
    kind.name as project_kind,
    state.name as state,
    project.state_code = '9' as is_refused,
    project.centre_number,
    coalesce(project.community_code, centre.community_code) as community_code,
    project.applied_on,
    project.discussed_on,
    project.approved_on,
    project.started_on,
    project.finished_on,
    project.published_on,
    project.approved_on - project.applied_on as days_to_approve,
    project.finished_on - project.started_on as days_to_finish,
    project.amount_asked,
    project.amount_paid,
    {{ share('project.amount_paid', 'project.amount_asked') }} as paid_share
from {{ ref('stg_party_building__project') }} as project
left join {{ ref('dim_service_centre') }} as centre using (centre_number)
{{ join_name('project_kind', 'project.kind_code', as='kind') }}
{{ join_name('project_state', 'project.state_code', as='state') }}

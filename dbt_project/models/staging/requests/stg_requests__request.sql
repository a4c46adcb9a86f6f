{{ config(indexes=[{'columns': ['task_number'], 'unique': true}]) }}

with source as ({{ open_rows('requests', 'request') }})

select
    source.task_num as task_number,
    {{ cleaned('accepted_at', 'source.create_time') }},
    {{ cleaned('occurred_at', 'source.occur_time') }},
    {{ function('clean_text') }}(source.address) as address,
    source.community_name as community_raw,
    community.code as community_code,
    {{ function('clean_text') }}(source.cell_name) as grid_name,
    source.coordinate_x as longitude_raw,
    source.coordinate_y as latitude_raw,
    coordinate.longitude,
    coordinate.latitude,
    coordinate.status as coordinate_status,
    coordinate.rule as coordinate_rule,
    {{ function('clean_text') }}(source.event_type_name) as type_level_1,
    {{ function('clean_text') }}(source.main_type_name) as type_level_2,
    {{ function('clean_text') }}(source.sub_type_name) as type_level_3,
    {{ function('clean_text') }}(source.third_type_name) as type_level_4,
    source.event_property_name as request_kind_raw,
    request_kind.code as request_kind_code,
    {{ function('clean_text') }}(source.event_src_name) as reported_by,
    {{ function('clean_text') }}(source.rec_type_name) as channel,
    {{ function('clean_text') }}(source.event_grade_name) = '紧急' as is_urgent,
    {{ function('clean_text') }}(source.event_desc) as description,
    {{ function('clean_text') }}(source.caller_name) as caller_name,
    {{ cleaned('caller_phone', 'source.caller_phone') }},
    {{ cleaned('caller_id_number', 'source.caller_id_card') }},
    caller_id_number.kind as caller_id_kind,
    caller_id_number.birth_date as caller_id_birth_date,
    caller_id_number.sex_code as caller_id_sex_code,
    {{ function('clean_text') }}(source.first_unit_name) as charged_unit,
    {{ function('clean_text') }}(source.dispose_unit_name) as disposing_unit,
    {{ cleaned('assigned_at', 'source.dispose_begin_time') }},
    {{ cleaned('due_at', 'source.deadline_time') }},
    {{ cleaned('closed_at', 'source.dispose_end_time') }},
    {{ cleaned('archived_at', 'source.archive_time') }},
    source.evaluate_name as satisfaction_raw,
    satisfaction.code as satisfaction_code,
    source.state as state_raw,
    request_state.code as state_code,
    {{ logged() }}
from source
cross join lateral {{ function('moment') }}(source.create_time) as accepted_at
cross join lateral {{ function('moment') }}(source.occur_time) as occurred_at
cross join lateral {{ function('moment') }}(source.dispose_begin_time) as assigned_at
cross join lateral {{ function('moment') }}(source.deadline_time) as due_at
cross join lateral {{ function('moment') }}(source.dispose_end_time) as closed_at
cross join lateral {{ function('moment') }}(source.archive_time) as archived_at
cross join lateral {{ function('coordinate') }}(source.coordinate_x, source.coordinate_y) as coordinate
cross join lateral {{ function('phone') }}(source.caller_phone) as caller_phone
cross join
    lateral {{ function('identity_document') }}(source.caller_id_card, {{ learnt_on() }}) as caller_id_number
{{ join_code('community', 'source.community_name') }}
{{ join_code('request_kind', 'source.event_property_name') }}
{{ join_code('satisfaction', 'source.evaluate_name') }}
{{ join_code('request_state', 'source.state') }}

{{ stacked(var('request_sources'), [
    'task_number', 'accepted_at', 'occurred_at', 'assigned_at', 'due_at', 'closed_at', 'archived_at',
    'address', 'community_code', 'grid_name', 'longitude', 'latitude', 'coordinate_status',
    'type_level_1', 'type_level_2', 'type_level_3', 'type_level_4', 'request_kind_code',
    'reported_by', 'channel', 'is_urgent', 'description', 'charged_unit', 'disposing_unit',
    'satisfaction_code', 'state_code', 'caller_name', 'caller_phone', 'caller_id_number',
    'caller_id_number_status', 'caller_id_number_rule', '_recorded_from',
]) }}

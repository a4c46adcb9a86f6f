select
    department,
    title,
    fresh_at,
    stale,
    stale_since,
    case
        when not stale then '正常'
        else
            '自 ' || to_char(stale_since at time zone '{{ var("time_zone") }}', 'YYYY-MM-DD HH24:MI')
            || ' 起未更新' || coalesce('：' || reason, '')
    end as status_text,
    appended,
    unchanged,
    rejected,
    held
from {{ source('ops', 'department_status') }}

{{ config(indexes=[{'columns': ['request_id'], 'unique': true}]) }}

select
    request.source_system || ':' || request.task_number as request_id,
    request.caller_name,
    request.caller_phone,
    request.address,
    request.description,
    st_point(request.longitude, request.latitude, 4326) as geometry
from {{ ref('request_record') }} as request

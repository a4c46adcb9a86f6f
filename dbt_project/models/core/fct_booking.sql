{{ config(indexes=[{'columns': ['booking_number'], 'unique': true}, {'columns': ['centre_number', 'used_on']}]) }}

select
    booking.booking_number,
    booking.centre_number,
    centre.community_code,
    booking.room,
    day_part.name as day_part,
    activity.name as activity,
    state.name as state,
    {{ instant('booking.booked_at') }} as booked_at,
    booking.used_on,
    booking.used_on - booking.booked_at::date as days_ahead,
    booking.attendees,
    booking.state_code = '2' as is_used,
    booking.state_code = '3' as is_cancelled,
    booking.state_code = '4' as is_no_show
from {{ ref('stg_party_building__booking') }} as booking
left join {{ ref('dim_service_centre') }} as centre using (centre_number)
{{ join_name('day_part', 'booking.day_part_code') }}
{{ join_name('centre_activity', 'booking.activity_code', as='activity') }}
{{ join_name('booking_state', 'booking.state_code', as='state') }}

{{ config(indexes=[{'columns': ['followup_number'], 'unique': true}, {'columns': ['resident_id']}]) }}

with numbered as (
    select
        staged.*,
        link.resident_id,
        staged.visited_on - lag(staged.visited_on) over of_person as days_since_previous,
        lead(staged.visit_number) over of_person is null and link.resident_id is not null as is_latest
    from {{ ref('stg_health__chronic_followup') }} as staged
    {{ join_link('resident', "'health.chronic_followup'", 'staged.visit_number') }}
    window of_person as (partition by link.resident_id, staged.disease order by staged.visited_on, staged.visit_number)
)

select
    numbered.visit_number as followup_number,
    numbered.resident_id,
    numbered.disease,
    numbered.visited_on,
    numbered.systolic_mmhg,
    numbered.diastolic_mmhg,
    numbered.fasting_glucose_mmol_l,
    case when numbered.resident_id is not null then numbered.days_since_previous end as days_since_previous,
    numbered.is_latest,
    numbered.is_latest and as_of.as_of_date - numbered.visited_on > {{ limit('chronic_followup_days') }} as is_overdue
from numbered
cross join {{ ref('stg_hub__as_of') }} as as_of

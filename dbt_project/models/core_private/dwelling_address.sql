{{ config(indexes=[{'columns': ['house_code'], 'unique': true}]) }}

select
    dwelling.house_code,
    building.address
    || coalesce(dwelling.unit || '单元', '')
    || coalesce(dwelling.room || '房', '') as address
from {{ ref('dim_dwelling') }} as dwelling
inner join {{ ref('dim_building') }} as building using (building_id)

{{ config(indexes=[{'columns': ['centre_number'], 'unique': true}]) }}

select
    centre.centre_number,
    centre.centre_name,
    centre.address,
    coalesce(centre.community_code, located.community_code) as community_code,
    located.grid_code as located_grid_code,
    centre.community_code = located.community_code as community_agrees,
    centre.area_m2,
    centre.rooms,
    centre.is_online,
    st_point(centre.longitude, centre.latitude, 4326) as geometry
from {{ ref('stg_party_building__centre') }} as centre
{{ join_located_grid('st_point(centre.longitude, centre.latitude, 4326)') }}

{{ config(indexes=[{'columns': ['component_id', 'role'], 'unique': true}, {'columns': ['department_code']}]) }}

{#- Role and the columns that say who has it. -#}
{%- set roles = ['authority', 'owner', 'maintainer'] -%}

with said as (
    {%- for role in roles %}
    select
        component_id,
        '{{ role }}' as role,
        {{ role }}_code as department_code,
        {{ role }}_name as department_name
    from {{ ref('dim_urban_component') }}
    where is_in_use
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

dictionary as (
    select distinct on (department_code)
        department_code,
        department_name
    from said
    where department_code is not null and department_name is not null
    group by department_code, department_name
    order by department_code, count(*) desc, department_name
)

select
    said.component_id,
    said.role,
    said.department_code,
    dictionary.department_name,
    said.department_code is null as is_missing,
    said.department_name = dictionary.department_name as name_agrees
from said
left join dictionary using (department_code)

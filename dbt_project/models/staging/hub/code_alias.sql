{{ config(indexes=[{'columns': ['list', 'alias'], 'unique': true}]) }}

with spelled as (
    select
        list,
        code,
        name,
        unnest(array[code, name] || string_to_array(aliases, '|')) as alias
    from {{ ref('code_list') }}
    union all
    select
        'community' as list,
        region_code as code,
        name,
        unnest(array[region_code, name, short_name] || string_to_array(aliases, '|')) as alias
    from {{ ref('region') }}
    where level = 'community'
)

select distinct on (list, alias)
    list,
    {{ function('tidy') }}(alias) as alias,
    code,
    name
from spelled
where alias <> ''
order by list, alias, code

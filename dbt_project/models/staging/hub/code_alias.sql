{{ config(indexes=[{'columns': ['list', 'alias'], 'unique': true}]) }}

-- A name that stands for itself wins over another code's alias.
with spelled as (
    select list, code, name, code as alias, 1 as preference from {{ ref('code_list') }}
    union all
    select list, code, name, name as alias, 2 as preference from {{ ref('code_list') }}
    union all
    select list, code, name, unnest(string_to_array(aliases, '|')) as alias, 3 as preference
    from {{ ref('code_list') }}
    union all
    select 'community' as list, region_code, name, alias.alias, alias.preference
    from {{ ref('region') }}
    cross join lateral (
        values (region_code, 1), (name, 2), (short_name, 2)
        union all
        select unnest(string_to_array(aliases, '|')), 3
    ) as alias (alias, preference)
    where level = 'community'
)

select distinct on (list, alias)
    list,
    {{ function('tidy') }}(alias) as alias,
    code,
    name
from spelled
where alias <> ''
order by list, alias, preference, code

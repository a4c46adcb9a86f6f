{#-
  Survivorship by authority (一数一源). A claim relation has entity_id, field, value, statement_number
  (of the record in the order of source and key), department, source_system, source_key, statement, observed_on,
  learnt_at and is_confirmed: the record itself confirms the value (its identity number says the same
  birth date, its written address the same dwelling). Who is believed is data, the seed `authority`,
  one row per field and department:

  - `rank` counts, the lowest first; a department without a row is not heard;
  - `fresh_rank` instead, if lower, for what was observed in the `fresh_days` before the as-of day;
  - `confirmed_rank` instead, if lower, for a value that two departments say or the record confirms.

  Between equal ranks the newest observation wins, then source and key: the order of rows decides
  nothing. Nineteen fields in twenty are undisputed; one hash aggregate over numbers finds them, and
  only the rest is sorted.
-#}
{#- The claims of a relation of statements: (field, value, which statement of the record, when it is confirmed). -#}
{% macro claims(id, statements, fields) %}
    {%- for field, value, statement, confirmed in fields %}
    select
        {{ id }} as entity_id,
        '{{ field }}' as field,
        {{ value }} as value,
        statement_number,
        department,
        source_system,
        source_key,
        '{{ statement }}' as statement,
        observed_on,
        _recorded_from as learnt_at,
        coalesce({{ confirmed }}, false) as is_confirmed
    from {{ statements }}
    where {{ value }} is not null
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
{% endmacro %}

{% macro believed(entity, claim) %}
    select
        claim.*,
        authority.rank,
        case when as_of.as_of_date - claim.observed_on <= authority.fresh_days then authority.fresh_rank end
            as fresh_rank,
        authority.confirmed_rank
    from {{ claim }} as claim
    cross join {{ ref('stg_hub__as_of') }} as as_of
    left join {{ ref('authority') }} as authority
        on
            authority.entity = '{{ entity }}'
            and authority.field = claim.field
            and authority.department = claim.department
    -- ranks are positive; an inner join's rows would be underestimated a thousandfold, and then sorted
    where coalesce(authority.rank, 0) > 0
{% endmacro %}

{#-
  One row per entity and field that anybody tells: whether all say the same, and the foremost who does.
  `fields` is the list of `claims`; each field is grouped on its own, by a single key that fits in memory.
-#}
{% macro agreement(entity, statements, fields) %}
    {%- for field, said in fields | groupby(0) %}
    select
        entity_id,
        '{{ field }}' as field,
        case when min(value collate "C") = max(value collate "C") then min(value collate "C") end as agreed_value,
        count(*)::int as statement_count,
        -- rank, then the newest day, then the record: one number, because numbers are compared fastest
        min(
            least(rank, fresh_rank, confirmed_rank)::bigint * 100000000000000
            + (99999 - coalesce(observed_on - date '1970-01-01', 0))::bigint * 1000000000
            + statement_number
        ) % 1000000000 as statement_number
    from ({{ believed(entity, '(' ~ claims(entity ~ '_id', statements, said) ~ ')') }}) as believed
    group by entity_id
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
{% endmacro %}

{#- What is said of every disputed field, who is believed (place 1), and by which rule. -#}
{% macro dispute(entity, claim, agreement) %}
    {%- set disputed -%}
        (
            select said.*
            from {{ claim }} as said
            inner join {{ agreement }} as agreement using (entity_id, field)
            where agreement.agreed_value is null
        )
    {%- endset -%}
    with heard as (
        select
            believed.*,
            bool_or(believed.is_confirmed) over value_of
            or min(believed.department) over value_of <> max(believed.department) over value_of as value_is_confirmed
        from ({{ believed(entity, disputed) }}) as believed
        window value_of as (partition by believed.entity_id, believed.field, believed.value)
    ),

    ranked as (
        select
            *,
            least(rank, fresh_rank, case when value_is_confirmed then confirmed_rank end) as effective_rank
        from heard
    ),

    placed as (
        select
            *,
            row_number() over (
                partition by entity_id, field
                order by effective_rank, observed_on desc nulls last, statement_number, statement
            ) as place
        from ranked
    )

    select
        '{{ entity }}' as entity,
        entity_id,
        field,
        value,
        statement_number,
        source_system,
        source_key,
        statement,
        observed_on,
        learnt_at,
        place = 1 as is_chosen,
        value = first_value(value) over (partition by entity_id, field order by place) as agrees,
        case
            when value_is_confirmed and effective_rank = confirmed_rank then 'confirmed'
            when effective_rank = fresh_rank then 'fresh'
            else 'authority'
        end as rule
    from placed
{% endmacro %}

{#- The value of every field that anybody tells, with its source, time and rule. -#}
{% macro choice(entity, agreement, dispute, statement) %}
    select
        '{{ entity }}' as entity,
        agreement.entity_id,
        agreement.field,
        agreement.agreed_value as value,
        agreement.statement_number,
        statement.source_system,
        statement.source_key,
        statement.observed_on,
        statement._recorded_from as learnt_at,
        case agreement.statement_count when 1 then 'only_source' else 'agreed' end as rule,
        agreement.statement_count
    from {{ agreement }} as agreement
    inner join {{ statement }} as statement using (statement_number)
    where agreement.agreed_value is not null
    union all
    select
        dispute.entity,
        dispute.entity_id,
        dispute.field,
        dispute.value,
        dispute.statement_number,
        dispute.source_system,
        dispute.source_key,
        dispute.observed_on,
        dispute.learnt_at,
        dispute.rule,
        agreement.statement_count
    from {{ dispute }} as dispute
    inner join {{ agreement }} as agreement using (entity_id, field)
    where dispute.is_chosen
{% endmacro %}

{#-
  What may be seen of a value in `core`: names by surname, numbers by their ends, dwellings by building;
  sex, and what registers publish of legal persons, in clear. What is not known here is hidden.
-#}
{% macro masked_value(entity, field, value) -%}
    case
        when {{ entity }} <> 'resident' or {{ field }} = 'sex' then {{ value }}
        when {{ field }} = 'name' then {{ function('mask_name') }}({{ value }})
        when {{ field }} = 'id_number' then {{ function('mask_id_number') }}({{ value }})
        when {{ field }} = 'phone' then left({{ value }}, 3) || '****' || right({{ value }}, 2)
        when {{ field }} = 'birth_date' then left({{ value }}, 4) || '-**-**'
        when {{ field }} = 'address' and {{ value }} ~ '^\d{25}$' then left({{ value }}, 19) || '******'
        else '***'
    end
{%- endmacro %}

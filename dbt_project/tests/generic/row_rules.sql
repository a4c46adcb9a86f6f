{#-
  Several rules about single rows in one scan of the table: a name for each and the condition that
  every row meets (null counts as met). Returns the broken rules with their number of rows.
-#}
{% test row_rules(model, rules) %}
{{ config(fail_calc='coalesce(sum(failed_rows), 0)') }}

    with counted as (
        select
{%- for rule, condition in rules.items() %}
            count(*) filter (where not ({{ condition }})) as {{ rule }}{{ ',' if not loop.last }}
        {%- endfor %}
        from {{ model }}
    )

{%- for rule in rules %}
    select '{{ rule }}' as rule, {{ rule }} as failed_rows
    from counted
    where {{ rule }} > 0
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
{% endtest %}

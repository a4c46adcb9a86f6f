{#-
  What statements say of an entity, for `claims` and `agreement`: field, value, which statement of the
  record it is, and whether the record itself confirms it. A record of a person may say a thing twice: its
  identity number tells birth and sex as well, its written address the dwelling; where both agree the value
  is confirmed, where they do not each is a statement of its own.
-#}
{% macro resident_fields() %}
    {%- set right_number = "id_number_status in ('ok', 'repaired')" %}
    {#- A doubtful number is asked only where nothing is stated. -#}
    {%- set id_sex = 'case when ' ~ right_number ~ ' or sex_code is null then nullif(id_sex_code, sex_code) end' %}
    {%- set id_birth =
        'case when ' ~ right_number ~ ' or birth_date is null then nullif(id_birth_date, birth_date) end' %}
    {{ return([
        ('name', 'name', 'stated', 'false'),
        ('id_number', 'id_number', 'stated', right_number),
        ('phone', 'phone', 'stated', 'false'),
        ('sex', 'sex_code', 'stated', 'sex_code = id_sex_code'),
        ('sex', id_sex, 'id_number', right_number),
        ('birth_date', 'birth_date::text', 'stated', 'birth_date = id_birth_date'),
        ('birth_date', '(' ~ id_birth ~ ')::text', 'id_number', right_number),
        ('address', 'house_code', 'stated', 'house_code = written_house_code'),
        ('address', 'nullif(written_house_code, house_code)', 'written_address', 'false'),
        ('written_address', 'case when written_house_code is null then written_address end', 'stated', 'false'),
    ]) }}
{% endmacro %}

{% macro legal_person_fields() %}
    {{ return([
        ('credit_code', 'credit_code', 'stated', "credit_code_status in ('ok', 'repaired')"),
        ('name', 'name', 'stated', 'false'),
        ('kind', 'kind_code', 'stated', 'false'),
        ('address', 'address', 'stated', 'false'),
        ('community', 'community_code', 'stated', 'false'),
        ('founded_on', 'founded_on::text', 'stated', 'false'),
        ('is_active', 'is_active::text', 'stated', 'false'),
        ('industry', 'industry_code', 'stated', 'false'),
        ('registration_number', 'registration_number', 'stated', 'false'),
    ]) }}
{% endmacro %}

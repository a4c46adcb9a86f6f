select nullif(upper(regexp_replace({{ function('clean_text') }}(raw), '[ \-]', '', 'g')), '')

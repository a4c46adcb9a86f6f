select nullif(upper(translate({{ function('clean_text') }}(raw), ' -', '') collate "C"), '') collate "default"

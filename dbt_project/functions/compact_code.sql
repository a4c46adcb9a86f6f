-- Most codes are compact already: a digit and then digits or capitals. One look is four times cheaper.
select
    case
        when raw ~ '^[0-9][0-9A-Z]*$' then raw
        else
            nullif(upper(translate({{ function('clean_text') }}(raw), ' -', '') collate "C"), '') collate "default"
    end

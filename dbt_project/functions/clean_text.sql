-- Words that mean "nothing" are short; longer text is not compared with them.
select
    case
        when
            octet_length(raw) > 12
            or {{ function('tidy') }}(raw) not in (
                '', '-', '--', '—', '——', '/', '无', '空', '不详', 'NULL', 'null', 'None', 'none', 'N/A', 'nan'
            )
            then nullif({{ function('tidy') }}(raw), '')
    end

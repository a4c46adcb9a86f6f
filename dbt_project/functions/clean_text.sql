select
    case
        when {{ function('tidy') }}(raw) not in (
            '', '-', '--', '—', '——', '/', '无', '空', '不详', 'NULL', 'null', 'None', 'none', 'N/A', 'nan'
        ) then {{ function('tidy') }}(raw)
    end

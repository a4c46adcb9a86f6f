select
    case
        when month between 1 and 12 and year between 1800 and 2200
            then case
                when
                    day between 1 and case
                        when month in (4, 6, 9, 11) then 30
                        when month <> 2 then 31
                        when year % 4 = 0 and (year % 100 <> 0 or year % 400 = 0) then 29
                        else 28
                    end
                    then make_date(year, month, day)
            end
    end

begin
    return st_multi(st_collectionextract(st_makevalid(st_setsrid(st_geomfromgeojson(raw), 4326)), 3));
exception when others then
    -- PostGIS raises on what is no geometry; one bad boundary must not stop the build.
    return null;
end

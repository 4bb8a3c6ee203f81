select * from place order by kind, state, geography, zips

-- Sources; all of a public dataset are public.
select * exclude (is_private) from source order by id

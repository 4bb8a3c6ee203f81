-- The components of the official mixture for each role and place: its occupations, weighted by share.
create or replace temp table part as
select concat_ws('|', role, metro) as mixture, share, pays, capped from occupied

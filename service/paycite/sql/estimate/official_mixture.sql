-- What to mix for each role and place in official statistics: its occupations, by share.
create or replace temp table part as
select concat_ws('|', role, metro) as mixture, share, pays, capped from occupied

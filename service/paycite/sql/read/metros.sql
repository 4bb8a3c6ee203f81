select * from geography where kind <> 'beyond' order by id

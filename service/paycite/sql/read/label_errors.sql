select * from label_error order by id

select * from figure where id = $id

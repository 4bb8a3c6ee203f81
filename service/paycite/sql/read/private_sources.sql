select id, sha256 from source where is_private

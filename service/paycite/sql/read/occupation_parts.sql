select occupation, basis, factor from occupation_part where role = $role and metro = $metro

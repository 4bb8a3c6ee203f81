select version, schema_version, as_of, public_version, is_scoped from dataset

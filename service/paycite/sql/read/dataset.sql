select version, schema_version, as_of from dataset

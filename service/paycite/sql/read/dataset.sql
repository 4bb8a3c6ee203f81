select version, schema_version, as_of, public_version from dataset

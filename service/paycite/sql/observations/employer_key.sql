-- Normalize the name of an employer: letters and digits, without the legal form (Inc, LLC). Null
-- if the text names no employer.
create or replace temp macro employer_key(name) as (
    nullif(
        regexp_replace(
            trim(regexp_replace(lower(strip_accents(name)), '[^\p{L}\p{N}]+', ' ', 'g')),
            '^(n a|na|none|null|tbd|unknown|undisclosed|confidential|anonymous)$'
            '|( (incorporated|inc|llc|l l c|ltd|limited|corporation|corp|company|co|lp|llp|plc))+$',
            ''
        ),
        ''
    )
)

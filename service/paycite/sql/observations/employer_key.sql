-- An employer however it is spelled: letters and digits, without the ending of its legal form; null
-- for what names none.
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

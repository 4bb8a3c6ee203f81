-- The dataset: published figures with their sources, and the estimates derived from them. Money is
-- in U.S. dollars.
create table dataset (
    version varchar primary key,
    schema_version integer not null,
    as_of date not null,
    public_version varchar check (public_version <> version),
    is_scoped boolean not null
);
comment on table dataset is 'This dataset: one row';
comment on column dataset.version is 'The date as_of, then a hash of it, the seeds, the imports, the schema and the statements of the estimator';
comment on column dataset.as_of is 'Newest date among the inputs, unless set at build time; ages count from it';
comment on column dataset.public_version is 'The dataset without private sources; null if this one has none';
comment on column dataset.is_scoped is 'Whether private sources were left out that were published with it';
comment on column dataset.schema_version is 'Version of this schema';

create table source (
    id varchar primary key,
    publisher varchar not null check (publisher <> ''),
    originators varchar[] not null check (len(originators) > 0),
    title varchar not null check (title <> ''),
    published date,
    precision varchar not null check (precision in ('day', 'month', 'year', 'none')),
    citation varchar not null check (citation <> ''),
    license varchar not null check (license <> ''),
    url varchar,
    series varchar check (regexp_full_match(series, '[a-z0-9-]+')),
    sha256 varchar not null check (regexp_full_match(sha256, '[0-9a-f]{64}')),
    is_private boolean not null default false,
    weight double check (weight > 0 and weight <= 100),
    check ((published is null) = (precision = 'none'))
);
comment on table source is 'Published releases';
comment on column source.id is 'Id of the source, such as bls-oews-2025-05';
comment on column source.title is 'Title of the document';
comment on column source.originators is 'Who first published the figures in the document';
comment on column source.published is 'First day of the publication date, month or year';
comment on column source.sha256 is 'Checksum of the original document';
comment on column source.publisher is 'Who published the document';
comment on column source.is_private is 'Of this installation alone';
comment on column source.weight is 'Weight before scaling, declared by its owner; null: by its kind and number of employers';
comment on column source.precision is 'Precision of the date: day, month, year, or none if undated';
comment on column source.citation is 'How to cite it';
comment on column source.license is 'Terms of use';
comment on column source.url is 'URL of the document; null if it has none';
comment on column source.series is 'The series of releases it belongs to; the newest release replaces earlier ones';

create table occupation (
    id varchar primary key check (regexp_full_match(id, '[0-9]{2}-[0-9]{4}')),
    title varchar not null check (title <> '')
);
comment on table occupation is 'Occupations, and groups of them, of the Standard Occupational Classification of 2018';
comment on column occupation.id is 'SOC code';
comment on column occupation.title is 'As BLS prints it';

create table role (
    id varchar primary key,
    title varchar not null,
    soc_codes varchar[] not null,
    soc_shares double[] not null,
    soc_reason varchar not null,
    is_occupation boolean not null,
    titles varchar[] not null,
    check (len(soc_shares) = len(soc_codes))
);
comment on table role is 'Role';
comment on column role.id is 'Id of the role, such as mlops';
comment on column role.title is 'Name of the role';
comment on column role.soc_codes is 'Closest occupations, SOC 2018, the closest first; if empty, the role has no official figures';
comment on column role.soc_shares is 'Share of each occupation in the role; they add up to 1';
comment on column role.soc_reason is 'Why these occupations and shares';
comment on column role.is_occupation is 'Whether the occupation is the role itself, not just the closest one';
comment on column role.titles is 'Other titles for it';

create table level (
    id varchar primary key,
    title varchar not null,
    rank integer not null unique,
    min_years integer not null check (min_years >= 0),
    aliases varchar[] not null,
    suffixes varchar[] not null
);
comment on table level is 'Seniority levels';
comment on column level.id is 'entry, mid, senior, staff or principal';
comment on column level.title is 'Name of the level';
comment on column level.rank is 'Order of the levels, lowest first';
comment on column level.aliases is 'Other names for it';
comment on column level.suffixes is 'Title suffixes that mean this level';
comment on column level.min_years is 'Minimum years of experience; fewer point to another level';

create table geography (
    id varchar primary key,
    kind varchar not null check (kind in ('nation', 'region', 'metro', 'state', 'nonmetro', 'beyond')),
    name varchar not null,
    area_code varchar unique check (regexp_full_match(area_code, '[0-9]{7}')),
    state varchar check (regexp_full_match(state, '[A-Z]{2}')),
    cbsa_codes varchar[] not null,
    cities varchar[] not null,
    aliases varchar[] not null
);
comment on table geography is 'The nation, states, metropolitan and nonmetropolitan areas, and regions of metros; kind beyond is not a U.S. place';
comment on column geography.id is 'Id of the place, such as nyc; us is the nation';
comment on column geography.name is 'Name of the place';
comment on column geography.area_code is 'BLS area code, 7 digits; null for a region';
comment on column geography.state is 'Postal code of its first state';
comment on column geography.cities is 'The cities in the official name of a metropolitan area';
comment on column geography.cbsa_codes is 'Core-based statistical areas, BLS May 2025';
comment on column geography.kind is 'nation, state, region (of metros), metro, nonmetro (rest of a state), or beyond';
comment on column geography.aliases is 'Other names for it';

create table place (
    kind varchar not null check (kind in ('zip', 'city', 'county')),
    state varchar not null check (regexp_full_match(state, '[A-Z]{2}')),
    geography varchar not null references geography (id),
    zips integer not null check (zips >= 0),
    names varchar[] not null check (len(names) > 0),
    primary key (kind, state, geography, zips)
);
comment on table place is 'Cities, counties and ZIP codes by geography; one that spans two geographies is listed in both';
comment on column place.kind is 'zip, city or county';
comment on column place.state is 'Postal code of its state';
comment on column place.geography is 'The smallest geography with published statistics that contains it';
comment on column place.zips is 'Number of ZIP codes of each name there; 0 if it only has a part of some';
comment on column place.names is 'Lower case, without accents and punctuation';

create table metro_point (
    id varchar primary key references geography (id),
    latitude double not null check (latitude between -90 and 90),
    longitude double not null check (longitude between -180 and 180)
);
comment on table metro_point is 'Center of a metropolitan area for maps: medians of its ZIP codes';
comment on column metro_point.id is 'The metro, as in geography';
comment on column metro_point.latitude is 'Degrees north';
comment on column metro_point.longitude is 'Degrees east';

create table word (
    id varchar primary key,
    dimension varchar not null check (dimension in ('role', 'level', 'metro')),
    word varchar not null,
    kind varchar not null check (
        kind in (
            'abbreviation', 'state', 'noise', 'job', 'other', 'ambiguous', 'also', 'whole',
            'general', 'field', 'unplaced', 'tiered', 'grade', 'leader', 'supervisor', 'student', 'subject',
            'tool', 'open'
        )
    ),
    means varchar not null
);
comment on table word is 'Vocabulary that the parser of titles and places uses';
comment on column word.id is 'The dimension, then the word';
comment on column word.kind is 'abbreviation: short for `means`; state: an abbreviation of a state, only at the end of a place; noise: filler, ignored; job: makes the title a different job, one not covered here; other: not a typo of a known word, or not a level; ambiguous: could mean any of several ids; also: also names others; whole: a name only if no unknown word precedes it; general: a name that other trades share; field: a word that marks a general (or whole) name as belonging to another trade; unplaced: states a level without a place among these; grade: a job, or a grade after the name of a role; leader, supervisor, student: persons whose jobs are not covered here; subject: a field of AI, of the roles in `means`; tool: names no role of its own; open: a name that may have an unknown word before its job';
comment on column word.dimension is 'What it helps to parse: role, level or metro';
comment on column word.word is 'In lower case';
comment on column word.means is 'For an abbreviation or a state, the full name; for ambiguous and also, the ids it may mean; for subject, its roles; otherwise empty';

create table distribution (
    id varchar primary key,
    source_id varchar not null references source (id),
    kind varchar not null check (kind in ('published', 'derived', 'assumed')),
    subject varchar not null check (subject <> ''),
    occupation varchar references occupation (id),
    role varchar references role (id),
    level varchar references level (id),
    and_above boolean not null,
    geography varchar not null references geography (id),
    component varchar not null check (component in ('base', 'total_cash', 'total_comp')),
    as_of varchar not null,
    middle varchar,
    n integer check (n > 0),
    p10 double check (p10 > 0),
    p25 double check (p25 > 0),
    p50 double check (p50 > 0),
    p75 double check (p75 > 0),
    p90 double check (p90 > 0),
    employment double check (employment >= 0),
    employment_rse double check (employment_rse >= 0),
    mean_rse double check (mean_rse >= 0),
    location_quotient double check (location_quotient >= 0),
    capped varchar[] not null,
    withheld varchar[] not null,
    series varchar check (regexp_full_match(series, 'OEU[NSM][0-9]{19}')),
    locator varchar not null check (locator <> ''),
    note varchar,
    check ((occupation is null) <> (role is null))
);
comment on table distribution is 'Published distributions of annual pay in U.S. dollars; each number is also a figure';
comment on column distribution.id is 'Id, unique in the dataset; its figures begin with it';
comment on column distribution.source_id is 'The source';
comment on column distribution.kind is 'published: as in the source; derived: computed from it; assumed: set by Paycite';
comment on column distribution.subject is 'What it measures, as text';
comment on column distribution.occupation is 'SOC code; null for a role';
comment on column distribution.role is 'Null for an occupation';
comment on column distribution.level is 'Null: all levels';
comment on column distribution.and_above is 'Also covers every higher level';
comment on column distribution.geography is 'The place it covers';
comment on column distribution.component is 'Pay element: base pay, total cash or total compensation';
comment on column distribution.as_of is 'The date it refers to';
comment on column distribution.middle is 'The month in the middle of what it covers, if it is known';
comment on column distribution.n is 'Number of observations; never employment';
comment on column distribution.p10 is 'U.S. dollars a year';
comment on column distribution.p25 is 'U.S. dollars a year';
comment on column distribution.p50 is 'U.S. dollars a year: the median';
comment on column distribution.p75 is 'U.S. dollars a year';
comment on column distribution.p90 is 'U.S. dollars a year';
comment on column distribution.employment is 'People employed; not a sample size';
comment on column distribution.employment_rse is 'Relative standard error of employment, percent';
comment on column distribution.mean_rse is 'Relative standard error of the mean wage, percent';
comment on column distribution.location_quotient is 'Share of local employment over share of national employment';
comment on column distribution.capped is 'Percentiles reported as a cap: that amount or more';
comment on column distribution.withheld is 'The measures that the source did not release';
comment on column distribution.series is 'Prefix of its BLS series ids; the last two digits are the measure';
comment on column distribution.locator is 'Where in the source it appears, or how it was computed';
comment on column distribution.note is 'How Paycite interprets it';

create table figure (
    id varchar primary key,
    source_id varchar not null references source (id),
    topic varchar not null,
    kind varchar not null check (kind in ('published', 'derived', 'assumed')),
    subject varchar not null check (subject <> ''),
    occupation varchar references occupation (id),
    role varchar references role (id),
    level varchar references level (id),
    and_above boolean not null,
    geography varchar not null references geography (id),
    low double,
    high double,
    bound varchar not null check (bound in ('exact', 'about', 'over', 'under', 'up-to', 'projected')),
    unit varchar not null check (unit <> ''),
    currency varchar check (currency = 'USD'),
    period varchar,
    component varchar check (component in ('base', 'total_cash', 'total_comp')),
    as_of varchar,
    baseline varchar,
    n integer check (n > 0),
    as_published varchar not null check (as_published <> ''),
    locator varchar not null check (locator <> ''),
    note varchar,
    check (low <= high),
    check ((unit = 'unquantified') = (low is null and high is null)),
    check ((unit = 'usd') = (currency is not null and period is not null)),
    check (unit = 'usd' or (currency is null and period is null and component is null)),
    check (topic not in ('band', 'open-band', 'offers', 'placement', 'entrant-pay', 'term-spread', 'pay-claim', 'rate') or component is not null),
    check (topic <> 'percentile' or component is not null or unit = 'unquantified')
);
comment on table figure is 'One published number, or low-high pair, with its citation';
comment on column figure.id is 'Id: that of its source, then a name within it';
comment on column figure.topic is 'What kind of statement it is';
comment on column figure.occupation is 'SOC code, for official statistics';
comment on column figure.level is 'Null: the source names no level, or means all';
comment on column figure.and_above is 'Also covers every higher level ("Senior+")';
comment on column figure.low is 'In the unit of the row; null under an upper bound';
comment on column figure.high is 'In the unit of the row; null if open-ended';
comment on column figure.bound is 'over: open-ended above high, or above low if high is null';
comment on column figure.unit is 'usd, percent, ratio, count, or a unit of time; unquantified: stated without a number';
comment on column figure.period is 'What the money is paid per';
comment on column figure.component is 'Pay element: base pay, total cash or total compensation';
comment on column figure.as_of is 'The date the figure refers to, as the source says';
comment on column figure.baseline is 'The date that a change is measured from';
comment on column figure.n is 'Number of observations; never employment';
comment on column figure.as_published is 'The figure exactly as the source prints it';
comment on column figure.locator is 'Where in the source it appears';
comment on column figure.note is 'How Paycite interprets it, if that needs explaining';
comment on column figure.source_id is 'The source';
comment on column figure.kind is 'published: as in the source; derived: computed from it; assumed: set by Paycite';
comment on column figure.subject is 'What it measures, as text';
comment on column figure.role is 'Null: no particular role';
comment on column figure.geography is 'The place it covers';
comment on column figure.currency is 'For money only';

create table pool (
    source_id varchar primary key references source (id),
    kind varchar not null check (kind in ('advertised', 'filed', 'placement', 'offer', 'survey')),
    component varchar not null check (component in ('base', 'total_cash', 'total_comp')),
    as_of varchar,
    middle varchar,
    note varchar not null check (note <> ''),
    n integer not null check (n >= 0),
    employers integer not null
);
comment on table pool is 'Sources of observations, each pooled separately';
comment on column pool.source_id is 'The source of the observations';
comment on column pool.kind is 'What was observed: advertised, filed, placement, offer, survey';
comment on column pool.component is 'Pay element: base pay, total cash or total compensation';
comment on column pool.as_of is 'The newest date among the observations';
comment on column pool.middle is 'The median month of the observations';
comment on column pool.note is 'What kind of pay it is, and its limitations';
comment on column pool.n is 'Distinct observations of roles';
comment on column pool.employers is 'Distinct known employers';

create table pool_factor (
    id varchar primary key,
    source_id varchar not null references pool (source_id),
    part varchar not null check (part in ('base', 'metro', 'role-metro')),
    role varchar references role (id),
    level varchar references level (id),
    geography varchar references geography (id),
    amount double check (amount > 0),
    n integer check (n > 0),
    employers integer check (employers > 0),
    subject varchar not null check (subject <> ''),
    locator varchar not null check (locator <> '')
);
comment on table pool_factor is 'Factors from pooled observations: central pay of a role and level, and the adjustments for a place';
comment on column pool_factor.id is 'Id of the figure that it is in /figures';
comment on column pool_factor.source_id is 'The source of the observations';
comment on column pool_factor.part is 'base: central pay, U.S. dollars a year; metro: factor of a place; role-metro: factor of the role in the place';
comment on column pool_factor.role is 'Null: all roles together';
comment on column pool_factor.level is 'Null: all levels';
comment on column pool_factor.geography is 'Null: all places together';
comment on column pool_factor.amount is 'Null if there are too few employers to publish';
comment on column pool_factor.n is 'Observations; null if there are too few employers to publish';
comment on column pool_factor.employers is 'Null if unknown, or too few to publish';
comment on column pool_factor.subject is 'What it measures, as text';
comment on column pool_factor.locator is 'How it was computed';

create table pool_spread (
    id varchar primary key,
    source_id varchar not null references pool (source_id),
    role varchar references role (id),
    levels varchar not null check (levels in ('stated', 'all')),
    p10 double not null check (p10 > 0),
    p25 double not null check (p25 >= p10),
    p50 double not null check (p50 >= p25),
    p75 double not null check (p75 >= p50),
    p90 double not null check (p90 >= p75),
    n integer not null check (n > 0),
    employers integer check (employers > 0),
    subject varchar not null check (subject <> ''),
    locator varchar not null check (locator <> '')
);
comment on table pool_spread is 'Percentiles of pay relative to pooled central pay';
comment on column pool_spread.id is 'Id: that of its source, then a name within it';
comment on column pool_spread.source_id is 'The source of the observations';
comment on column pool_spread.role is 'Null: all roles together';
comment on column pool_spread.levels is 'stated: each stated level; all: all levels together';
comment on column pool_spread.p10 is '10th percentile over central pay';
comment on column pool_spread.p25 is '25th percentile over central pay';
comment on column pool_spread.p50 is 'Median over central pay';
comment on column pool_spread.p75 is '75th percentile over central pay';
comment on column pool_spread.p90 is '90th percentile over central pay';
comment on column pool_spread.n is 'Observations';
comment on column pool_spread.employers is 'Null if unknown';
comment on column pool_spread.subject is 'What it measures, as text';
comment on column pool_spread.locator is 'How it was computed';

create table level_factor (
    id varchar primary key,
    source_id varchar not null references source (id),
    role varchar references role (id),
    level varchar not null references level (id),
    factor double not null check (factor > 0),
    over_senior double not null check (over_senior > 0),
    filings integer not null check (filings >= 0),
    employers integer not null check (employers >= 0),
    ranges integer not null check (ranges >= 0),
    computed_from varchar[] not null check (len(computed_from) > 0),
    subject varchar not null check (subject <> ''),
    locator varchar not null check (locator <> ''),
    note varchar not null
);
comment on table level_factor is 'Pay at a level relative to pay at all levels';
comment on column level_factor.id is 'Id of the figure that it is in /figures';
comment on column level_factor.source_id is 'The source that publishes it: Paycite';
comment on column level_factor.note is 'Limitations';
comment on column level_factor.level is 'Level; the factors of staff and principal are measured but not used: see staff-over-senior';
comment on column level_factor.role is 'Null: all roles together; used for roles without their own factors';
comment on column level_factor.factor is 'Pay at the level over pay at all levels; never lower for a higher level; a role''s own factor is shrunk toward that of all roles';
comment on column level_factor.over_senior is 'Pay at the level over senior pay';
comment on column level_factor.filings is 'Filings for the role and level';
comment on column level_factor.employers is 'Employers in those filings';
comment on column level_factor.ranges is 'Advertised ranges for the role and level';
comment on column level_factor.computed_from is 'Ids of the sources it was computed from';
comment on column level_factor.subject is 'What it measures, as text';
comment on column level_factor.locator is 'How it was computed';

create table role_factor (
    id varchar primary key,
    source_id varchar not null references source (id),
    role varchar not null unique references role (id),
    factor double not null check (factor > 0),
    measured double not null check (measured > 0),
    filings integer not null check (filings > 0),
    employers integer not null check (employers > 0),
    computed_from varchar[] not null check (len(computed_from) > 0),
    subject varchar not null check (subject <> ''),
    locator varchar not null check (locator <> ''),
    note varchar not null
);
comment on table role_factor is 'Pay for a role relative to pay in its occupations, in the same filings and places; roles with too few filings have no row';
comment on column role_factor.id is 'Id of the figure that it is in /figures';
comment on column role_factor.source_id is 'The source that publishes it: Paycite';
comment on column role_factor.note is 'Limitations';
comment on column role_factor.role is 'Role';
comment on column role_factor.factor is 'Shrunk toward 1';
comment on column role_factor.measured is 'Before shrinkage';
comment on column role_factor.filings is 'Filings with the role in the job title';
comment on column role_factor.employers is 'Employers in those filings';
comment on column role_factor.computed_from is 'Ids of the sources it was computed from';
comment on column role_factor.subject is 'What it measures, as text';
comment on column role_factor.locator is 'How it was computed';

create table score (
    source_id varchar not null references source (id),
    method varchar not null check (method in ('pooling', 'published')),
    tested_on varchar not null references source (id),
    geography varchar references geography (id),
    n integer not null check (n > 0),
    employers integer not null check (employers >= 0),
    bias double not null check (bias > -1),
    median_absolute_error double not null check (median_absolute_error >= 0),
    coverage_p25_p75 double not null check (coverage_p25_p75 between 0 and 1),
    coverage_p10_p90 double check (coverage_p10_p90 between 0 and 1),
    pinball_ratio double check (pinball_ratio > 0),
    folds integer check (folds > 1)
);
comment on table score is 'Back-test errors of a source on observations it was not fitted to: `paycite backtest`';
comment on column score.source_id is 'The scored source';
comment on column score.method is 'pooling: each observation predicted from other employers in the source; published: predicted by the figures of the source';
comment on column score.tested_on is 'The source of the observations';
comment on column score.geography is 'Null: all places';
comment on column score.n is 'Observations';
comment on column score.employers is 'Distinct known employers';
comment on column score.bias is 'Median of predicted / observed - 1';
comment on column score.median_absolute_error is 'Median of |predicted / observed - 1|';
comment on column score.coverage_p25_p75 is 'Share of observations between P25 and P75; for published, between min and max';
comment on column score.coverage_p10_p90 is 'Share of observations between P10 and P90';
comment on column score.pinball_ratio is 'Pinball loss relative to LightGBM';
comment on column score.folds is 'Number of cross-validation folds of employers';

create table pay_law (
    id varchar primary key check (regexp_full_match(id, 'us-[a-z]{2}(-[a-z]+)*')),
    name varchar not null check (name <> ''),
    state varchar not null check (regexp_full_match(state, '[A-Z]{2}')),
    metro varchar references geography (id),
    statute varchar not null check (statute <> ''),
    effective date not null,
    applies_to varchar not null check (applies_to <> ''),
    requires varchar[] not null check (
        len(requires) > 0
        and list_has_all(
            [
                'pay', 'pay-range', 'benefits', 'other-compensation', 'deadline', 'how-to-apply',
                'job-description', 'commission-statement', 'tip-statement',
                'benefits-before-interview', 'pay-range-on-request', 'pay-range-before-pay-discussion',
                'pay-range-after-interview', 'pay-range-on-request-after-offer'
            ],
            requires
        )
    ),
    note varchar,
    source_title varchar not null check (source_title <> ''),
    source_publisher varchar not null check (source_publisher <> ''),
    source_url varchar not null check (regexp_matches(source_url, '^https?://')),
    excerpt varchar not null check (excerpt <> ''),
    checked_on date not null
);
comment on table pay_law is 'Pay-transparency laws: what a job posting must disclose. Not complete, and not legal advice';
comment on column pay_law.id is 'Id of the law, such as us-ca';
comment on column pay_law.name is 'The state, city or county';
comment on column pay_law.state is 'Postal code';
comment on column pay_law.metro is 'Metro of the city or county; null for a state law';
comment on column pay_law.statute is 'Citation of the law';
comment on column pay_law.effective is 'The day all its requirements are in force; may be in the future';
comment on column pay_law.applies_to is 'The employers it applies to';
comment on column pay_law.requires is 'What it requires. pay: one figure is enough; pay-range: both ends; benefits-before-interview and the following: outside the posting';
comment on column pay_law.note is 'Further details, their sources, and open questions';
comment on column pay_law.source_title is 'Title of the source';
comment on column pay_law.source_publisher is 'Publisher of the source';
comment on column pay_law.source_url is 'URL of the source';
comment on column pay_law.excerpt is 'A short quotation from the source';
comment on column pay_law.checked_on is 'Day the source was last checked';

create table uplift_rule (
    id varchar not null,
    figure_id varchar not null references figure (id),
    source_id varchar not null references source (id),
    topic varchar not null,
    metro varchar not null references geography (id),
    min_factor double not null check (min_factor > 0),
    max_factor double not null check (max_factor >= min_factor),
    note varchar not null check (note <> ''),
    primary key (id, metro)
);
comment on table uplift_rule is 'Rules of a source about its own figures: pay in the metro is the national figure times the factors';
comment on column uplift_rule.id is 'Id of the rule, which has a row for each metro';
comment on column uplift_rule.figure_id is 'The figure that states the rule';
comment on column uplift_rule.topic is 'The figures of the source that the rule covers';
comment on column uplift_rule.min_factor is 'Multiplies the low end; 1 is no change';
comment on column uplift_rule.max_factor is 'Multiplies the high end; 1 is no change';
comment on column uplift_rule.note is 'How Paycite interprets the rule';
comment on column uplift_rule.source_id is 'The source of the rule and of the figures';
comment on column uplift_rule.metro is 'The place it covers';

create table source_weight (
    source_id varchar not null references source (id),
    role varchar not null references role (id),
    kind varchar not null check (kind in ('distribution', 'official', 'pool', 'band')),
    is_proxy boolean not null,
    n bigint check (n > 0),
    alone double not null check (alone > 0),
    weight double not null check (weight > 0 and weight <= 1),
    primary key (role, source_id)
);
comment on table source_weight is 'Weight of each source in the estimate of a role, the same at every level and place';
comment on column source_weight.source_id is 'The source';
comment on column source_weight.role is 'Role';
comment on column source_weight.kind is 'distribution: percentiles of the role; official: statistics of its occupations; pool: pooled observations; band: published ranges';
comment on column source_weight.is_proxy is 'Official statistics of occupations that are only close to the role; there are too few filings for the role to measure a role factor';
comment on column source_weight.n is 'Sample size of the source for the role: employers, or observations if employers are not named';
comment on column source_weight.alone is 'Weight before scaling: n / (n + k), a constant, or declared by the owner; sources with a common originator share one weight by their n';
comment on column source_weight.weight is 'Weight in the estimate; six decimals, adding up to 1 for a role';

create table region_share (
    role varchar not null references role (id),
    region varchar not null references geography (id),
    metro varchar not null references geography (id),
    share double not null check (share > 0 and share <= 1),
    primary key (role, region, metro)
);
comment on table region_share is 'Share of each metro in its region, by employment in the occupations of the role';
comment on column region_share.role is 'Role';
comment on column region_share.region is 'Region';
comment on column region_share.metro is 'A metro in the region';
comment on column region_share.share is 'Six decimals, adding up to 1 for a role and region';

create table occupation_part (
    role varchar not null references role (id),
    metro varchar not null references geography (id),
    occupation varchar not null references occupation (id),
    basis varchar not null check (basis in ('released', 'state', 'nation')),
    factor double not null check (factor > 0),
    primary key (role, metro, occupation)
);
comment on table occupation_part is 'Official pay of each occupation of a role in a place: as released, or derived from the figures for its state or the nation';
comment on column occupation_part.role is 'Role';
comment on column occupation_part.metro is 'Place';
comment on column occupation_part.occupation is 'SOC code';
comment on column occupation_part.basis is 'released: as published for the place; state or nation: the figures for that, adjusted by pay in all computer occupations';
comment on column occupation_part.factor is 'Multiplies the percentiles of the state or the nation; 1 if released';

create table voice (
    role varchar not null,
    level varchar,
    metro varchar not null,
    source_id varchar not null,
    weight double not null check (weight > 0 and weight <= 1),
    priced_level varchar,
    priced_metro varchar not null,
    level_factor double,
    power double,
    level_weight double,
    is_ordered boolean,
    p10 integer,
    p25 integer not null,
    p50 integer not null,
    p75 integer not null,
    p90 integer,
    capped varchar[] not null
);
comment on table voice is 'A source''s estimate for each role, level and place, and how it was adjusted to them; U.S. dollars a year';
comment on column voice.role is 'Role';
comment on column voice.level is 'Null: all levels';
comment on column voice.metro is 'Place';
comment on column voice.source_id is 'The source';
comment on column voice.weight is 'Weight in the estimate, as in source_weight';
comment on column voice.priced_level is 'The level of the figures it starts from; null: all levels';
comment on column voice.priced_metro is 'The place of the figures it starts from; in a region, the region itself, because it is the mean of the metros';
comment on column voice.level_factor is 'Pay at the level over pay at the priced level; multiplies the amounts';
comment on column voice.power is 'Narrows the spread: multiplies the log distances of P25 and P75 from the median';
comment on column voice.level_weight is 'Weight of the level in the isotonic regression over levels';
comment on column voice.is_ordered is 'Whether the isotonic regression over levels changed it';
comment on column voice.p10 is 'As used in the estimate; null if the source has none';
comment on column voice.p25 is 'As used in the estimate';
comment on column voice.p50 is 'As used in the estimate';
comment on column voice.p75 is 'As used in the estimate';
comment on column voice.p90 is 'As used in the estimate; null if the source has none';
comment on column voice.capped is 'Percentiles that depend on a capped figure: that amount or more';

create table cell (
    role varchar not null,
    metro varchar not null,
    content blob not null
);
comment on table cell is 'The rows of voice, estimate and occupation_part for a role and place, for the service: a query for them would take most of the time of an answer';
comment on column cell.role is 'Role';
comment on column cell.metro is 'Place';
comment on column cell.content is 'JSON, compressed by zstd';

create table estimate (
    role varchar not null,
    level varchar,
    metro varchar not null,
    p10 integer,
    p25 integer not null,
    p50 integer not null,
    p75 integer not null,
    p90 integer,
    min integer not null,
    max integer not null,
    confidence varchar not null check (confidence in ('high', 'medium', 'low')),
    n bigint,
    employers integer,
    sources integer not null,
    capped varchar[] not null
);
comment on table estimate is 'Estimated pay for every role, level and place, as the API returns it; U.S. dollars a year';
comment on column estimate.role is 'Role';
comment on column estimate.level is 'Null: all levels';
comment on column estimate.metro is 'Place';
comment on column estimate.p10 is 'Null if no source has one';
comment on column estimate.p25 is 'Weighted geometric mean of the sources'' estimates';
comment on column estimate.p50 is 'Median: weighted geometric mean of the sources'' estimates';
comment on column estimate.p75 is 'Weighted geometric mean of the sources'' estimates';
comment on column estimate.p90 is 'Null if no source has one';
comment on column estimate.min is 'Low end of the range: P25';
comment on column estimate.max is 'High end of the range: P75';
comment on column estimate.confidence is 'By P75 / P25 or the highest over the lowest median of the sources, whichever is more: errors grew with both; never high with a single source; low where no source has a sample of the role';
comment on column estimate.n is 'Observations of the role in the place in all pooled sources; null if too few to publish';
comment on column estimate.employers is 'Employers of the role in the place, in the pooled source with the most; null if too few to publish';
comment on column estimate.sources is 'Number of sources combined';
comment on column estimate.capped is 'Percentiles that depend on a capped figure: that amount or more';

create table label_error (
    id varchar primary key,
    tested_on varchar not null check (tested_on <> ''),
    label varchar not null check (label in ('high', 'medium', 'low')),
    weighting varchar not null check (weighting in ('row', 'employer')),
    n integer not null check (n > 0),
    employers integer not null check (employers > 0),
    median_absolute_error double not null check (median_absolute_error between 0 and 1),
    unique (tested_on, label, weighting)
);
comment on table label_error is 'Error of the estimates by confidence label, on pay data not used to make them';
comment on column label_error.id is 'The observations, the label, and what counts once: each row or each employer';
comment on column label_error.tested_on is 'The pay data it was tested on';
comment on column label_error.label is 'high, medium or low: as in estimate.confidence';
comment on column label_error.weighting is 'row: each observation counts once; employer: each employer counts once';
comment on column label_error.n is 'Observations';
comment on column label_error.employers is 'Employers';
comment on column label_error.median_absolute_error is 'Median of |median of the estimate / observed - 1|';

create view salary_band as
with national as (
    select
        figure.* replace (case when figure.bound <> 'over' then figure.high end as high),
        source.citation
    from figure
    join source on source.id = figure.source_id
    where figure.topic in ('band', 'open-band')
),

uplifted as (
    select
        national.*,
        uplift_rule.metro,
        uplift_rule.min_factor,
        uplift_rule.max_factor,
        uplift_rule.figure_id as rule_figure_id,
        statement.as_published as rule_as_published,
        statement.locator as rule_locator
    from national
    join uplift_rule
        on uplift_rule.source_id = national.source_id
        and uplift_rule.topic = national.topic
    join figure as statement on statement.id = uplift_rule.figure_id
    where national.geography = 'us'
),

final as (
    select
        role, level, and_above, geography as metro, low as min, high as max,
        currency, period, component, source_id, citation, id as figure_id, as_published, locator,
        null as rule_figure_id, null as rule_as_published, null as rule_locator
    from national
    union all
    select
        role, level, and_above, metro,
        round(low::decimal(12, 2) * min_factor::decimal(8, 4))::double as min,
        round(high::decimal(12, 2) * max_factor::decimal(8, 4))::double as max,
        currency, period, component, source_id, citation, id, as_published, locator,
        rule_figure_id, rule_as_published, rule_locator
    from uplifted
)

select * from final order by role, level, metro, source_id;
comment on view salary_band is 'Pay by role, level and metro in U.S. dollars a year: as published, and with the uplift rule; open-ended if max is null';
comment on column salary_band.and_above is 'Also covers every higher level ("Senior+")';
comment on column salary_band.min is 'U.S. dollars a year';
comment on column salary_band.max is 'U.S. dollars a year; null if open-ended';
comment on column salary_band.as_published is 'The national figure exactly as the source prints it';
comment on column salary_band.rule_as_published is 'The rule that adjusts it to the metro, as printed; null for a national figure';
comment on column salary_band.role is 'Role';
comment on column salary_band.level is 'Level';
comment on column salary_band.metro is 'The place it covers';
comment on column salary_band.currency is 'Currency of min and max';
comment on column salary_band.period is 'Period of min and max';
comment on column salary_band.component is 'Pay element';
comment on column salary_band.source_id is 'The source';
comment on column salary_band.citation is 'How to cite the source';
comment on column salary_band.figure_id is 'The national figure';
comment on column salary_band.locator is 'Where in the source the national figure appears';
comment on column salary_band.rule_figure_id is 'The figure that states the rule';
comment on column salary_band.rule_locator is 'Where in the source the rule appears';

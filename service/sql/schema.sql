-- The dataset: what sources say, with where they say it. Money is in U.S. dollars.
create table dataset (
    version varchar primary key,
    schema_version integer not null,
    as_of date not null
);
comment on table dataset is 'This file: one row';
comment on column dataset.version is 'Hash of the seeds, the schema version and as_of';
comment on column dataset.as_of is 'The newest date among the inputs, unless given; ages are counted from it';
comment on column dataset.schema_version is 'Number of the meaning of these tables';

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
    sha256 varchar not null check (regexp_full_match(sha256, '[0-9a-f]{64}')),
    check ((published is null) = (precision = 'none'))
);
comment on table source is 'Published releases: who said it, and who said it first';
comment on column source.originators is 'Who first stated the figures that the document reports';
comment on column source.published is 'First day of the day, month or year that the document shows';
comment on column source.sha256 is 'Checksum of the original document';
comment on column source.publisher is 'Who published the document';
comment on column source.precision is 'Of the date: day, month, year, or none where the document shows none';
comment on column source.citation is 'How to cite it, ready to quote';
comment on column source.license is 'On what terms it may be used';
comment on column source.url is 'Where it was found; null where the document names no address';

create table role (
    id varchar primary key,
    title varchar not null,
    soc_codes varchar[] not null check (len(soc_codes) > 0),
    soc_reason varchar not null,
    titles varchar[] not null
);
comment on table role is 'What people do';
comment on column role.soc_codes is 'Nearest occupations, SOC 2018; the first is nearest';
comment on column role.soc_reason is 'Why these occupations';
comment on column role.titles is 'What people call it';

create table level (
    id varchar primary key,
    title varchar not null,
    rank integer not null unique,
    min_years integer not null check (min_years >= 0),
    aliases varchar[] not null,
    suffixes varchar[] not null
);
comment on table level is 'How far along';
comment on column level.rank is 'Order of the levels, lowest first';
comment on column level.aliases is 'What people write for it';
comment on column level.suffixes is 'What says it at the end of a title, and only there';
comment on column level.min_years is 'Years of experience below which the level is contradicted';

create table geography (
    id varchar primary key,
    kind varchar not null check (kind in ('nation', 'region', 'metro', 'beyond')),
    name varchar not null,
    cbsa_codes varchar[] not null,
    cities varchar[] not null,
    aliases varchar[] not null
);
comment on table geography is 'Where: the nation, metropolitan statistical areas and regions of them; kind beyond is no metro';
comment on column geography.cities is 'The cities in the official name of a metropolitan area';
comment on column geography.cbsa_codes is 'Core-based statistical areas, BLS May 2025';
comment on column geography.kind is 'nation, region of metros, metro, or beyond metros';
comment on column geography.aliases is 'What people write for it';

create table word (
    id varchar primary key,
    dimension varchar not null check (dimension in ('role', 'level', 'metro')),
    word varchar not null,
    kind varchar not null check (kind in ('abbreviation', 'state', 'noise', 'other')),
    means varchar not null
);
comment on table word is 'Words by which titles and places are read';
comment on column word.kind is 'abbreviation: of what it means; state: the same, at the end of a place; noise: says nothing; other: makes it a title that is not here';
comment on column word.dimension is 'What it is read in: role, level or metro';
comment on column word.word is 'In small letters';
comment on column word.means is 'What an abbreviation or a state stands for; else empty';

create table figure (
    id varchar primary key,
    source_id varchar not null references source (id),
    topic varchar not null,
    kind varchar not null check (kind in ('published', 'derived', 'assumed')),
    subject varchar not null check (subject <> ''),
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
    check (topic not in ('band', 'open-band', 'offers', 'placement', 'entrant-pay', 'term-spread', 'pay-claim', 'rate') or component is not null)
);
comment on table figure is 'One number, or one low-high pair, that a source states, with its citation';
comment on column figure.topic is 'What kind of statement it is';
comment on column figure.level is 'Null: the source names no level, or means all';
comment on column figure.and_above is 'Holds for every higher level too ("Senior+")';
comment on column figure.low is 'In the unit of the row; null under an upper bound';
comment on column figure.high is 'In the unit of the row; null where there is no upper end';
comment on column figure.bound is 'over: more lies beyond high, or beyond low where there is no high';
comment on column figure.unit is 'usd, percent, count, or a unit of time; unquantified: stated without a number';
comment on column figure.period is 'What the money is paid per';
comment on column figure.component is 'Pay element: base pay, total cash or total compensation';
comment on column figure.as_of is 'The time that the figure speaks of, as the source says';
comment on column figure.baseline is 'The time that a change is measured from';
comment on column figure.n is 'Observations counted; never employment';
comment on column figure.as_published is 'The figure in the source''s own characters';
comment on column figure.locator is 'Where in the source it stands';
comment on column figure.note is 'How Paycite read it, where that took reading';
comment on column figure.source_id is 'Who says so';
comment on column figure.kind is 'published: as the source states it; derived: computed from it; assumed: declared';
comment on column figure.subject is 'What it is of, in words';
comment on column figure.role is 'Null: of no one role';
comment on column figure.geography is 'Where it holds';
comment on column figure.currency is 'Of money, and only of money';

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
comment on table uplift_rule is 'Statements of a source about its own figures: pay in the metro is the national figure times the factors';
comment on column uplift_rule.figure_id is 'The statement, with its citation';
comment on column uplift_rule.topic is 'The figures of the source that it was said of';
comment on column uplift_rule.min_factor is 'Multiplies the low end; 1 is no change';
comment on column uplift_rule.max_factor is 'Multiplies the high end; 1 is no change';
comment on column uplift_rule.note is 'How Paycite reads the statement';
comment on column uplift_rule.source_id is 'Who says so, of its own figures';
comment on column uplift_rule.metro is 'Where it holds';

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
comment on view salary_band is 'Pay by role, level and metro in U.S. dollars a year: as published, and with the uplift rule; max null is open-ended';
comment on column salary_band.and_above is 'Holds for every higher level too ("Senior+")';
comment on column salary_band.min is 'U.S. dollars a year';
comment on column salary_band.max is 'U.S. dollars a year; null is open-ended';
comment on column salary_band.as_published is 'The national figure in the source''s own characters';
comment on column salary_band.rule_as_published is 'The rule by which it was carried to the metro; null where it was not';
comment on column salary_band.role is 'What people do';
comment on column salary_band.level is 'How far along';
comment on column salary_band.metro is 'Where it holds';
comment on column salary_band.currency is 'Of min and max';
comment on column salary_band.period is 'What is paid per';
comment on column salary_band.component is 'Pay element';
comment on column salary_band.source_id is 'Who says so';
comment on column salary_band.citation is 'How to cite the source';
comment on column salary_band.figure_id is 'The national figure';
comment on column salary_band.locator is 'Where in the source the national figure stands';
comment on column salary_band.rule_figure_id is 'The statement of the rule';
comment on column salary_band.rule_locator is 'Where in the source the rule stands';

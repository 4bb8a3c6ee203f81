-- The flat table to download: one row for a role, level and place, with its sources in it.
create table pay (
    role varchar not null,
    role_title varchar not null,
    level varchar,
    level_title varchar not null,
    metro varchar not null,
    metro_name varchar not null,
    metro_kind varchar not null,
    state varchar,
    cbsa_codes varchar[] not null,
    min integer not null,
    max integer not null,
    p10 integer,
    p25 integer not null,
    p50 integer not null,
    p75 integer not null,
    p90 integer,
    capped varchar[] not null,
    unit varchar not null,
    currency varchar not null,
    period varchar not null,
    component varchar not null,
    confidence varchar not null,
    n bigint,
    employers integer,
    sources integer not null,
    source_ids varchar[] not null,
    weights double[] not null,
    publishers varchar[] not null,
    urls varchar[] not null,
    licenses varchar[] not null,
    citation varchar not null,
    as_of date not null,
    dataset varchar not null
);
comment on table pay is 'Estimated pay for every role, level and place, as /salary answers it, each row with its sources';
comment on column pay.role is 'Role id, as the parameter `role` of /salary takes it';
comment on column pay.role_title is 'Name of the role';
comment on column pay.level is 'Level id, as the parameter `level` of /salary takes it; null: all levels together';
comment on column pay.level_title is 'Name of the level';
comment on column pay.metro is 'Place id, as the parameter `metro` of /salary takes it';
comment on column pay.metro_name is 'Name of the place';
comment on column pay.metro_kind is 'metro, state, nonmetro (rest of a state), region (of metros) or nation; do not mix kinds in a ranking';
comment on column pay.state is 'Postal code of the first state of the place; null for a region and the nation';
comment on column pay.cbsa_codes is 'Core-based statistical areas of the place';
comment on column pay.min is 'Low end of the range: P25';
comment on column pay.max is 'High end of the range: P75';
comment on column pay.p10 is '10th percentile; null if no source has one';
comment on column pay.p25 is '25th percentile';
comment on column pay.p50 is 'Median';
comment on column pay.p75 is '75th percentile';
comment on column pay.p90 is '90th percentile; null if no source has one';
comment on column pay.capped is 'Percentiles that depend on a capped figure: that amount or more';
comment on column pay.unit is 'Unit of min, max and the percentiles';
comment on column pay.currency is 'Currency of min, max and the percentiles';
comment on column pay.period is 'What the money is paid per';
comment on column pay.component is 'Pay element: base pay';
comment on column pay.confidence is 'high, medium or low; /confidence has the measured error of each';
comment on column pay.n is 'Observations of the role in the place in all pooled sources; null if unknown or too few to publish';
comment on column pay.employers is 'Employers of the role in the place, in the pooled source with the most; null if unknown or too few to publish';
comment on column pay.sources is 'Number of sources combined';
comment on column pay.source_ids is 'Ids of the sources, the largest weight first; weights, publishers, urls and licenses have the same order';
comment on column pay.weights is 'Weight of each source in the estimate; they add up to 1';
comment on column pay.publishers is 'Publisher of each source';
comment on column pay.urls is 'Link to each source; null if its document has none';
comment on column pay.licenses is 'Terms of use of each source';
comment on column pay.citation is 'Every source in words, with its weight, to keep with the numbers';
comment on column pay.as_of is 'Date of the dataset: the newest date among its inputs';
comment on column pay.dataset is 'Version of the dataset, as the parameter `dataset` takes it';

-- Scores told again by a later version of their scheme, and what people say of a rule's answers.
-- scores.job: which re-scoring wrote the row; '' = scored as it came. scores.withdrawn: 1 = that re-scoring was undone;
-- the row stays (with a higher ver) so that no replay revives it.
-- verdicts.withdrawn: 1 = the person took it back.

ALTER TABLE scores ADD COLUMN job /*@19.14 LowCardinality( */ String /*@19.14 ) */;

ALTER TABLE scores ADD COLUMN withdrawn UInt8;

CREATE TABLE IF NOT EXISTS verdicts (
  contact_at     DateTime('UTC')  /*@19.17 CODEC(Delta, ZSTD(1)) */,
  contact_at_ms  UInt16,
  site           /*@19.14 LowCardinality( */ String /*@19.14 ) */,
  contact        String           /*@19.17 CODEC(ZSTD(1)) */,
  scheme         /*@19.14 LowCardinality( */ String /*@19.14 ) */,
  scheme_version UInt32,
  item           /*@19.14 LowCardinality( */ String /*@19.14 ) */,
  judged_by      /*@19.14 LowCardinality( */ String /*@19.14 ) */,
  rule           /*@19.14 LowCardinality( */ String /*@19.14 ) */,
  rule_version   UInt32,
  outcome        /*@19.14 LowCardinality( */ String /*@19.14 ) */,
  leaning        /*@19.14 LowCardinality( */ String /*@19.14 ) */,
  agreed         UInt8,
  comment        String           /*@19.17 CODEC(ZSTD(1)) */,
  judged_at      DateTime('UTC')  /*@19.17 CODEC(Delta, ZSTD(1)) */,
  judged_at_ms   UInt16,
  withdrawn      UInt8,
  ver            UInt64
) ENGINE = ReplacingMergeTree(ver)
PARTITION BY toYYYYMM(contact_at) ORDER BY (contact_at, site, contact, scheme, scheme_version, item, judged_by)
SETTINGS index_granularity = 8192;

-- The base tables. One file for ClickHouse 18.16 .. 26 and chDB.
-- Text between /*@VERSION and */ is a comment to an older server; migrate.py unwraps it where the server is new enough.
-- Only transparent features are gated (codecs, LowCardinality, TTL): no query knows of them.
-- Times: x DateTime('UTC') + x_ms UInt16; 0 = 1970 = did not happen. ORDER BY: immutable columns only, time first.
-- ver: the higher one wins.

CREATE TABLE IF NOT EXISTS events (
  at        DateTime('UTC')  /*@19.17 CODEC(Delta, ZSTD(1)) */,
  at_ms     UInt16,
  site      /*@19.14 LowCardinality( */ String /*@19.14 ) */,
  source    /*@19.14 LowCardinality( */ String /*@19.14 ) */,
  seq       UInt64           /*@19.17 CODEC(Delta, ZSTD(1)) */,
  kind      /*@19.14 LowCardinality( */ String /*@19.14 ) */,
  queue     /*@19.14 LowCardinality( */ String /*@19.14 ) */,
  agent     /*@19.14 LowCardinality( */ String /*@19.14 ) */,
  contact   String           /*@19.17 CODEC(ZSTD(1)) */,
  body      String           /*@19.17 CODEC(ZSTD(3)) */,
  ver       UInt64           /*@19.17 CODEC(Delta, ZSTD(1)) */
) ENGINE = ReplacingMergeTree(ver)
PARTITION BY toYYYYMM(at) ORDER BY (at, site, source, seq)
SETTINGS index_granularity = 8192;

CREATE TABLE IF NOT EXISTS contact_legs (
  queued_at      DateTime('UTC')  /*@19.17 CODEC(Delta, ZSTD(1)) */,
  queued_at_ms   UInt16,
  site           /*@19.14 LowCardinality( */ String /*@19.14 ) */,
  contact        String           /*@19.17 CODEC(ZSTD(1)) */,
  leg            UInt32,
  queue          /*@19.14 LowCardinality( */ String /*@19.14 ) */,
  agent          /*@19.14 LowCardinality( */ String /*@19.14 ) */,
  channel        /*@19.14 LowCardinality( */ String /*@19.14 ) */,
  direction      /*@19.14 LowCardinality( */ String /*@19.14 ) */,
  tier           /*@19.14 LowCardinality( */ String /*@19.14 ) */,
  customer       String           /*@19.17 CODEC(ZSTD(1)) */,
  answered_at    DateTime('UTC')  /*@19.17 CODEC(Delta, ZSTD(1)) */,
  answered_at_ms UInt16,
  ended_at       DateTime('UTC')  /*@19.17 CODEC(Delta, ZSTD(1)) */,
  ended_at_ms    UInt16,
  wait_ms        UInt32           /*@19.17 CODEC(T64, ZSTD(1)) */,
  accept_wait_ms UInt32           /*@19.17 CODEC(T64, ZSTD(1)) */,
  ring_ms        UInt32           /*@19.17 CODEC(T64, ZSTD(1)) */,
  talk_ms        UInt32           /*@19.17 CODEC(T64, ZSTD(1)) */,
  hold_ms        UInt32           /*@19.17 CODEC(T64, ZSTD(1)) */,
  wrap_up_ms     UInt32           /*@19.17 CODEC(T64, ZSTD(1)) */,
  target_ms      UInt32           /*@19.17 CODEC(T64, ZSTD(1)) */,
  outcome        /*@19.14 LowCardinality( */ String /*@19.14 ) */,
  reason         /*@19.14 LowCardinality( */ String /*@19.14 ) */,
  ended_by       /*@19.14 LowCardinality( */ String /*@19.14 ) */,
  recording      String           /*@19.17 CODEC(ZSTD(1)) */,
  ver            UInt64           /*@19.17 CODEC(Delta, ZSTD(1)) */
) ENGINE = ReplacingMergeTree(ver)
PARTITION BY toYYYYMM(queued_at) ORDER BY (queued_at, site, contact, leg, queued_at_ms, queue)
SETTINGS index_granularity = 8192;

CREATE TABLE IF NOT EXISTS state_intervals (
  started_at    DateTime('UTC')  /*@19.17 CODEC(Delta, ZSTD(1)) */,
  started_at_ms UInt16,
  site          /*@19.14 LowCardinality( */ String /*@19.14 ) */,
  agent         /*@19.14 LowCardinality( */ String /*@19.14 ) */,
  number        UInt64,
  state         /*@19.14 LowCardinality( */ String /*@19.14 ) */,
  reason        /*@19.14 LowCardinality( */ String /*@19.14 ) */,
  queue         /*@19.14 LowCardinality( */ String /*@19.14 ) */,
  contact       String           /*@19.17 CODEC(ZSTD(1)) */,
  duration_ms   UInt64           /*@19.17 CODEC(T64, ZSTD(1)) */,
  ver           UInt64           /*@19.17 CODEC(Delta, ZSTD(1)) */
) ENGINE = ReplacingMergeTree(ver)
PARTITION BY toYYYYMM(started_at) ORDER BY (started_at, site, agent, number)
SETTINGS index_granularity = 8192;

CREATE TABLE IF NOT EXISTS recordings (
  contact_at    DateTime('UTC')  /*@19.17 CODEC(Delta, ZSTD(1)) */,
  contact_at_ms UInt16,
  site          /*@19.14 LowCardinality( */ String /*@19.14 ) */,
  contact       String           /*@19.17 CODEC(ZSTD(1)) */,
  state         /*@19.14 LowCardinality( */ String /*@19.14 ) */,
  reason        /*@19.14 LowCardinality( */ String /*@19.14 ) */,
  path          String           /*@19.17 CODEC(ZSTD(1)) */,
  queue         /*@19.14 LowCardinality( */ String /*@19.14 ) */,
  agent         /*@19.14 LowCardinality( */ String /*@19.14 ) */,
  duration_ms   UInt32,
  channels      UInt8,
  attempts      UInt32,
  model         /*@19.14 LowCardinality( */ String /*@19.14 ) */,
  cpu_ms        UInt32,
  ver           UInt64
) ENGINE = ReplacingMergeTree(ver)
PARTITION BY toYYYYMM(contact_at) ORDER BY (contact_at, site, contact)
SETTINGS index_granularity = 8192;

CREATE TABLE IF NOT EXISTS utterances (
  said_at         DateTime('UTC')  /*@19.17 CODEC(Delta, ZSTD(1)) */,
  said_at_ms      UInt16,
  site            /*@19.14 LowCardinality( */ String /*@19.14 ) */,
  contact         String           /*@19.17 CODEC(ZSTD(1)) */,
  channel         UInt8,
  role            /*@19.14 LowCardinality( */ String /*@19.14 ) */,
  number          UInt32,
  start_ms        UInt32           /*@19.17 CODEC(T64, ZSTD(1)) */,
  end_ms          UInt32           /*@19.17 CODEC(T64, ZSTD(1)) */,
  text            String           /*@19.17 CODEC(ZSTD(3)) */,
  text_search     String           /*@19.17 CODEC(ZSTD(3)) */,
  words           Array(String)    /*@19.17 CODEC(ZSTD(3)) */,
  word_start_ms   Array(UInt32)    /*@19.17 CODEC(Delta, ZSTD(1)) */,
  word_end_ms     Array(UInt32)    /*@19.17 CODEC(Delta, ZSTD(1)) */,
  word_confidence Array(UInt8)     /*@19.17 CODEC(ZSTD(1)) */,
  confidence      Float64,
  queue           /*@19.14 LowCardinality( */ String /*@19.14 ) */,
  agent           /*@19.14 LowCardinality( */ String /*@19.14 ) */,
  model           /*@19.14 LowCardinality( */ String /*@19.14 ) */,
  ver             UInt64
) ENGINE = ReplacingMergeTree(ver)
PARTITION BY toYYYYMM(said_at) ORDER BY (said_at, site, contact, channel, number)
SETTINGS index_granularity = 8192;

CREATE TABLE IF NOT EXISTS scores (
  contact_at     DateTime('UTC')  /*@19.17 CODEC(Delta, ZSTD(1)) */,
  contact_at_ms  UInt16,
  site           /*@19.14 LowCardinality( */ String /*@19.14 ) */,
  contact        String           /*@19.17 CODEC(ZSTD(1)) */,
  scheme         /*@19.14 LowCardinality( */ String /*@19.14 ) */,
  scheme_version UInt32,
  agent          /*@19.14 LowCardinality( */ String /*@19.14 ) */,
  queue          /*@19.14 LowCardinality( */ String /*@19.14 ) */,
  points         Float64,
  points_low     Float64,
  points_high    Float64,
  points_max     Float64,
  passed         UInt8,
  fatal          UInt8,
  items          String           /*@19.17 CODEC(ZSTD(3)) */,
  scored_at      DateTime('UTC')  /*@19.17 CODEC(Delta, ZSTD(1)) */,
  scored_at_ms   UInt16,
  ver            UInt64
) ENGINE = ReplacingMergeTree(ver)
PARTITION BY toYYYYMM(contact_at) ORDER BY (contact_at, site, contact, scheme, scheme_version)
SETTINGS index_granularity = 8192;

CREATE TABLE IF NOT EXISTS alerts (
  raised_at          DateTime('UTC'),
  raised_at_ms       UInt16,
  site               /*@19.14 LowCardinality( */ String /*@19.14 ) */,
  alert              String,
  rule               /*@19.14 LowCardinality( */ String /*@19.14 ) */,
  scope              String,
  severity           /*@19.14 LowCardinality( */ String /*@19.14 ) */,
  state              /*@19.14 LowCardinality( */ String /*@19.14 ) */,
  reason             String,
  value              Nullable(Float64),
  threshold          Float64,
  resolved_at        DateTime('UTC'),
  resolved_at_ms     UInt16,
  acknowledged_at    DateTime('UTC'),
  acknowledged_at_ms UInt16,
  acknowledged_by    String,
  detail             String           /*@19.17 CODEC(ZSTD(3)) */,
  ver                UInt64
) ENGINE = ReplacingMergeTree(ver)
PARTITION BY toYYYYMM(raised_at) ORDER BY (raised_at, site, alert)
SETTINGS index_granularity = 8192;

CREATE TABLE IF NOT EXISTS audit (
  done_at       DateTime('UTC'),
  done_at_ms    UInt16,
  site          /*@19.14 LowCardinality( */ String /*@19.14 ) */,
  number        UInt64,
  actor         String,
  address       String,
  action        /*@19.14 LowCardinality( */ String /*@19.14 ) */,
  object        String,
  detail        String           /*@19.17 CODEC(ZSTD(3)) */,
  previous_hash String,
  hash          String,
  ver           UInt64
) ENGINE = ReplacingMergeTree(ver)
PARTITION BY toYYYYMM(done_at) ORDER BY (done_at, site, number)
SETTINGS index_granularity = 8192;

CREATE TABLE IF NOT EXISTS floorwatch.schema_migrations_local ON CLUSTER centre (
  number UInt32, name String, checksum String, server String,
  applied_at DateTime('UTC'), applied_at_ms UInt16
) ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/floorwatch/schema_migrations_local', '{replica}', applied_at) ORDER BY number SETTINGS index_granularity = 8192;

CREATE TABLE IF NOT EXISTS floorwatch.schema_migrations ON CLUSTER centre AS floorwatch.schema_migrations_local ENGINE = Distributed(centre, floorwatch, schema_migrations_local, cityHash64(number));

CREATE TABLE IF NOT EXISTS floorwatch.events_local ON CLUSTER centre (
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
) ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/floorwatch/events_local', '{replica}', ver)
PARTITION BY toYYYYMM(at) ORDER BY (at, site, source, seq)
SETTINGS index_granularity = 8192;

CREATE TABLE IF NOT EXISTS floorwatch.events ON CLUSTER centre AS floorwatch.events_local ENGINE = Distributed(centre, floorwatch, events_local, cityHash64(site, source, seq));

CREATE TABLE IF NOT EXISTS floorwatch.contact_legs_local ON CLUSTER centre (
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
) ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/floorwatch/contact_legs_local', '{replica}', ver)
PARTITION BY toYYYYMM(queued_at) ORDER BY (queued_at, site, contact, leg, queued_at_ms, queue)
SETTINGS index_granularity = 8192;

CREATE TABLE IF NOT EXISTS floorwatch.contact_legs ON CLUSTER centre AS floorwatch.contact_legs_local ENGINE = Distributed(centre, floorwatch, contact_legs_local, cityHash64(site, contact));

CREATE TABLE IF NOT EXISTS floorwatch.state_intervals_local ON CLUSTER centre (
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
) ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/floorwatch/state_intervals_local', '{replica}', ver)
PARTITION BY toYYYYMM(started_at) ORDER BY (started_at, site, agent, number)
SETTINGS index_granularity = 8192;

CREATE TABLE IF NOT EXISTS floorwatch.state_intervals ON CLUSTER centre AS floorwatch.state_intervals_local ENGINE = Distributed(centre, floorwatch, state_intervals_local, cityHash64(site, agent));

CREATE TABLE IF NOT EXISTS floorwatch.recordings_local ON CLUSTER centre (
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
) ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/floorwatch/recordings_local', '{replica}', ver)
PARTITION BY toYYYYMM(contact_at) ORDER BY (contact_at, site, contact)
SETTINGS index_granularity = 8192;

CREATE TABLE IF NOT EXISTS floorwatch.recordings ON CLUSTER centre AS floorwatch.recordings_local ENGINE = Distributed(centre, floorwatch, recordings_local, cityHash64(site, contact));

CREATE TABLE IF NOT EXISTS floorwatch.utterances_local ON CLUSTER centre (
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
) ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/floorwatch/utterances_local', '{replica}', ver)
PARTITION BY toYYYYMM(said_at) ORDER BY (said_at, site, contact, channel, number)
SETTINGS index_granularity = 8192;

CREATE TABLE IF NOT EXISTS floorwatch.utterances ON CLUSTER centre AS floorwatch.utterances_local ENGINE = Distributed(centre, floorwatch, utterances_local, cityHash64(site, contact));

CREATE TABLE IF NOT EXISTS floorwatch.scores_local ON CLUSTER centre (
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
) ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/floorwatch/scores_local', '{replica}', ver)
PARTITION BY toYYYYMM(contact_at) ORDER BY (contact_at, site, contact, scheme, scheme_version)
SETTINGS index_granularity = 8192;

CREATE TABLE IF NOT EXISTS floorwatch.scores ON CLUSTER centre AS floorwatch.scores_local ENGINE = Distributed(centre, floorwatch, scores_local, cityHash64(site, contact));

CREATE TABLE IF NOT EXISTS floorwatch.alerts_local ON CLUSTER centre (
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
) ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/floorwatch/alerts_local', '{replica}', ver)
PARTITION BY toYYYYMM(raised_at) ORDER BY (raised_at, site, alert)
SETTINGS index_granularity = 8192;

CREATE TABLE IF NOT EXISTS floorwatch.alerts ON CLUSTER centre AS floorwatch.alerts_local ENGINE = Distributed(centre, floorwatch, alerts_local, cityHash64(site));

CREATE TABLE IF NOT EXISTS floorwatch.audit_local ON CLUSTER centre (
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
) ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/floorwatch/audit_local', '{replica}', ver)
PARTITION BY toYYYYMM(done_at) ORDER BY (done_at, site, number)
SETTINGS index_granularity = 8192;

CREATE TABLE IF NOT EXISTS floorwatch.audit ON CLUSTER centre AS floorwatch.audit_local ENGINE = Distributed(centre, floorwatch, audit_local, cityHash64(site));

ALTER TABLE floorwatch.contact_legs_local ON CLUSTER centre ADD COLUMN witnesses /*@19.14 LowCardinality( */ String /*@19.14 ) */;

ALTER TABLE floorwatch.contact_legs ON CLUSTER centre ADD COLUMN witnesses /*@19.14 LowCardinality( */ String /*@19.14 ) */;

ALTER TABLE floorwatch.contact_legs_local ON CLUSTER centre ADD COLUMN tags /*@19.14 LowCardinality( */ String /*@19.14 ) */;

ALTER TABLE floorwatch.contact_legs ON CLUSTER centre ADD COLUMN tags /*@19.14 LowCardinality( */ String /*@19.14 ) */;

ALTER TABLE floorwatch.contact_legs_local ON CLUSTER centre ADD COLUMN retracted UInt8;

ALTER TABLE floorwatch.contact_legs ON CLUSTER centre ADD COLUMN retracted UInt8;

ALTER TABLE floorwatch.state_intervals_local ON CLUSTER centre ADD COLUMN retracted UInt8;

ALTER TABLE floorwatch.state_intervals ON CLUSTER centre ADD COLUMN retracted UInt8;

CREATE TABLE IF NOT EXISTS floorwatch.floor_checkpoints_local ON CLUSTER centre (
  at       DateTime('UTC'),
  at_ms    UInt16,
  site     /*@19.14 LowCardinality( */ String /*@19.14 ) */,
  position String,
  blob     String,
  ver      UInt64
) ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/floorwatch/floor_checkpoints_local', '{replica}', ver)
PARTITION BY toYYYYMMDD(at) ORDER BY (at, site, at_ms)
SETTINGS index_granularity = 8192;

CREATE TABLE IF NOT EXISTS floorwatch.floor_checkpoints ON CLUSTER centre AS floorwatch.floor_checkpoints_local ENGINE = Distributed(centre, floorwatch, floor_checkpoints_local, cityHash64(site));

CREATE TABLE IF NOT EXISTS floorwatch.queue_1m_local ON CLUSTER centre (
  slot                       DateTime('UTC') /*@19.17 CODEC(Delta, ZSTD(1)) */,
  site                       /*@19.14 LowCardinality( */ String /*@19.14 ) */,
  queue                      /*@19.14 LowCardinality( */ String /*@19.14 ) */,
  origin                     DateTime('UTC') /*@19.17 CODEC(Delta, ZSTD(1)) */,
  part                       /*@19.14 LowCardinality( */ String /*@19.14 ) */,
  offered                    UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  answered                   UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  answered_unseen            UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  answered_in_target         UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  accepted_in_target         UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  abandoned                  UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  abandoned_in_target        UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  short_abandoned            UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  overflowed_timeout         UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  overflowed_key             UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  overflowed_empty           UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  overflowed_withdrawn       UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  turned_away_full           UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  turned_away_join_empty     UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  transferred_out            UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  ended                      UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  lost                       UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  wait_ms                    UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  wait_max_ms                UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  abandoned_wait_ms          UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  ring_ms                    UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  talk_ms                    UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  hold_ms                    UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  wrap_up_ms                 UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  switch_completed           UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  switch_completed_in_target UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  switch_abandoned           UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  switch_abandoned_in_target UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  outbound_dialled           UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  outbound_reached           UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  outbound_unreached         UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  outbound_ended             UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  outbound_dial_ms           UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  outbound_unreached_ms      UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  outbound_talk_ms           UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  outbound_hold_ms           UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  outbound_wrap_up_ms        UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  messages                   UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  ver                        UInt64 /*@19.17 CODEC(Delta, ZSTD(1)) */
) ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/floorwatch/queue_1m_local', '{replica}', ver)
PARTITION BY toYYYYMM(slot) ORDER BY (slot, site, queue, origin, part)
SETTINGS index_granularity = 1024;

CREATE TABLE IF NOT EXISTS floorwatch.queue_1m ON CLUSTER centre AS floorwatch.queue_1m_local ENGINE = Distributed(centre, floorwatch, queue_1m_local, cityHash64(site, queue));

CREATE TABLE IF NOT EXISTS floorwatch.queue_15m_local ON CLUSTER centre (
  slot                       DateTime('UTC') /*@19.17 CODEC(Delta, ZSTD(1)) */,
  site                       /*@19.14 LowCardinality( */ String /*@19.14 ) */,
  queue                      /*@19.14 LowCardinality( */ String /*@19.14 ) */,
  origin                     DateTime('UTC') /*@19.17 CODEC(Delta, ZSTD(1)) */,
  part                       /*@19.14 LowCardinality( */ String /*@19.14 ) */,
  offered                    UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  answered                   UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  answered_unseen            UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  answered_in_target         UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  accepted_in_target         UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  abandoned                  UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  abandoned_in_target        UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  short_abandoned            UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  overflowed_timeout         UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  overflowed_key             UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  overflowed_empty           UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  overflowed_withdrawn       UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  turned_away_full           UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  turned_away_join_empty     UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  transferred_out            UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  ended                      UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  lost                       UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  wait_ms                    UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  wait_max_ms                UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  abandoned_wait_ms          UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  ring_ms                    UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  talk_ms                    UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  hold_ms                    UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  wrap_up_ms                 UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  switch_completed           UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  switch_completed_in_target UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  switch_abandoned           UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  switch_abandoned_in_target UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  outbound_dialled           UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  outbound_reached           UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  outbound_unreached         UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  outbound_ended             UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  outbound_dial_ms           UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  outbound_unreached_ms      UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  outbound_talk_ms           UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  outbound_hold_ms           UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  outbound_wrap_up_ms        UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  messages                   UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  wait_histogram             Array(UInt64) /*@19.17 CODEC(ZSTD(1)) */,
  ver                        UInt64 /*@19.17 CODEC(Delta, ZSTD(1)) */
) ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/floorwatch/queue_15m_local', '{replica}', ver)
PARTITION BY toYYYYMM(slot) ORDER BY (slot, site, queue, origin, part)
SETTINGS index_granularity = 1024;

CREATE TABLE IF NOT EXISTS floorwatch.queue_15m ON CLUSTER centre AS floorwatch.queue_15m_local ENGINE = Distributed(centre, floorwatch, queue_15m_local, cityHash64(site, queue));

CREATE TABLE IF NOT EXISTS floorwatch.agent_5m_local ON CLUSTER centre (
  slot                DateTime('UTC') /*@19.17 CODEC(Delta, ZSTD(1)) */,
  site                /*@19.14 LowCardinality( */ String /*@19.14 ) */,
  agent               /*@19.14 LowCardinality( */ String /*@19.14 ) */,
  origin              DateTime('UTC') /*@19.17 CODEC(Delta, ZSTD(1)) */,
  part                /*@19.14 LowCardinality( */ String /*@19.14 ) */,
  answered            UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  outbound_reached    UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  ended               UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  talk_ms             UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  hold_ms             UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  wrap_up_ms          UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  ring_ms             UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  state_ready_ms      UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  state_offered_ms    UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  state_on_contact_ms UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  state_on_hold_ms    UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  state_wrap_up_ms    UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  state_not_ready_ms  UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  state_unknown_ms    UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  ver                 UInt64 /*@19.17 CODEC(Delta, ZSTD(1)) */
) ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/floorwatch/agent_5m_local', '{replica}', ver)
PARTITION BY toYYYYMM(slot) ORDER BY (slot, site, agent, origin, part)
SETTINGS index_granularity = 1024;

CREATE TABLE IF NOT EXISTS floorwatch.agent_5m ON CLUSTER centre AS floorwatch.agent_5m_local ENGINE = Distributed(centre, floorwatch, agent_5m_local, cityHash64(site, agent));

CREATE TABLE IF NOT EXISTS floorwatch.site_15m_local ON CLUSTER centre (
  slot                       DateTime('UTC') /*@19.17 CODEC(Delta, ZSTD(1)) */,
  site                       /*@19.14 LowCardinality( */ String /*@19.14 ) */,
  origin                     DateTime('UTC') /*@19.17 CODEC(Delta, ZSTD(1)) */,
  part                       /*@19.14 LowCardinality( */ String /*@19.14 ) */,
  offered                    UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  answered                   UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  answered_unseen            UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  answered_in_target         UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  accepted_in_target         UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  abandoned                  UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  abandoned_in_target        UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  short_abandoned            UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  overflowed_timeout         UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  overflowed_key             UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  overflowed_empty           UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  overflowed_withdrawn       UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  turned_away_full           UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  turned_away_join_empty     UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  transferred_out            UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  ended                      UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  lost                       UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  wait_ms                    UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  wait_max_ms                UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  abandoned_wait_ms          UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  ring_ms                    UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  talk_ms                    UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  hold_ms                    UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  wrap_up_ms                 UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  switch_completed           UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  switch_completed_in_target UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  switch_abandoned           UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  switch_abandoned_in_target UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  outbound_dialled           UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  outbound_reached           UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  outbound_unreached         UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  outbound_ended             UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  outbound_dial_ms           UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  outbound_unreached_ms      UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  outbound_talk_ms           UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  outbound_hold_ms           UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  outbound_wrap_up_ms        UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  messages                   UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  state_ready_ms             UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  state_offered_ms           UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  state_on_contact_ms        UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  state_on_hold_ms           UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  state_wrap_up_ms           UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  state_not_ready_ms         UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  state_unknown_ms           UInt64 /*@19.17 CODEC(T64, ZSTD(1)) */,
  ver                        UInt64 /*@19.17 CODEC(Delta, ZSTD(1)) */
) ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/floorwatch/site_15m_local', '{replica}', ver)
PARTITION BY toYYYYMM(slot) ORDER BY (slot, site, origin, part)
SETTINGS index_granularity = 1024;

CREATE TABLE IF NOT EXISTS floorwatch.site_15m ON CLUSTER centre AS floorwatch.site_15m_local ENGINE = Distributed(centre, floorwatch, site_15m_local, cityHash64(site));

ALTER TABLE floorwatch.recordings_local ON CLUSTER centre ADD COLUMN analysis String /*@19.17 CODEC(ZSTD(3)) */;

ALTER TABLE floorwatch.recordings ON CLUSTER centre ADD COLUMN analysis String /*@19.17 CODEC(ZSTD(3)) */;

ALTER TABLE floorwatch.recordings_local ON CLUSTER centre ADD COLUMN matched /*@19.14 LowCardinality( */ String /*@19.14 ) */;

ALTER TABLE floorwatch.recordings ON CLUSTER centre ADD COLUMN matched /*@19.14 LowCardinality( */ String /*@19.14 ) */;

ALTER TABLE floorwatch.scores_local ON CLUSTER centre ADD COLUMN job /*@19.14 LowCardinality( */ String /*@19.14 ) */;

ALTER TABLE floorwatch.scores ON CLUSTER centre ADD COLUMN job /*@19.14 LowCardinality( */ String /*@19.14 ) */;

ALTER TABLE floorwatch.scores_local ON CLUSTER centre ADD COLUMN withdrawn UInt8;

ALTER TABLE floorwatch.scores ON CLUSTER centre ADD COLUMN withdrawn UInt8;

CREATE TABLE IF NOT EXISTS floorwatch.verdicts_local ON CLUSTER centre (
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
) ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/floorwatch/verdicts_local', '{replica}', ver)
PARTITION BY toYYYYMM(contact_at) ORDER BY (contact_at, site, contact, scheme, scheme_version, item, judged_by)
SETTINGS index_granularity = 8192;

CREATE TABLE IF NOT EXISTS floorwatch.verdicts ON CLUSTER centre AS floorwatch.verdicts_local ENGINE = Distributed(centre, floorwatch, verdicts_local, cityHash64(site, contact));

ALTER TABLE floorwatch.alerts_local ON CLUSTER centre ADD COLUMN changed_at DateTime('UTC');

ALTER TABLE floorwatch.alerts ON CLUSTER centre ADD COLUMN changed_at DateTime('UTC');

ALTER TABLE floorwatch.alerts_local ON CLUSTER centre ADD COLUMN changed_at_ms UInt16;

ALTER TABLE floorwatch.alerts ON CLUSTER centre ADD COLUMN changed_at_ms UInt16;

CREATE TABLE IF NOT EXISTS floorwatch.alert_notes_local ON CLUSTER centre (
  noted_at       DateTime('UTC')  /*@19.17 CODEC(Delta, ZSTD(1)) */,
  noted_at_ms    UInt16,
  site           /*@19.14 LowCardinality( */ String /*@19.14 ) */,
  alert          String           /*@19.17 CODEC(ZSTD(1)) */,
  note           String           /*@19.17 CODEC(ZSTD(1)) */,
  kind           /*@19.14 LowCardinality( */ String /*@19.14 ) */,
  by             /*@19.14 LowCardinality( */ String /*@19.14 ) */,
  text           String           /*@19.17 CODEC(ZSTD(3)) */,
  to             /*@19.14 LowCardinality( */ String /*@19.14 ) */,
  channel        /*@19.14 LowCardinality( */ String /*@19.14 ) */,
  outcome        /*@19.14 LowCardinality( */ String /*@19.14 ) */,
  reason         String           /*@19.17 CODEC(ZSTD(1)) */,
  value          Nullable(Float64),
  ver            UInt64
) ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/floorwatch/alert_notes_local', '{replica}', ver)
PARTITION BY toYYYYMM(noted_at) ORDER BY (noted_at, site, alert, note)
SETTINGS index_granularity = 8192;

CREATE TABLE IF NOT EXISTS floorwatch.alert_notes ON CLUSTER centre AS floorwatch.alert_notes_local ENGINE = Distributed(centre, floorwatch, alert_notes_local, cityHash64(site, alert));

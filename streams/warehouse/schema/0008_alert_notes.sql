-- What happened about an alert beside its numbers: what people said, who was told, who was not and why. Rows never change.
-- alerts.changed_at: when this version of the alert came to be; 1970 = written before this migration.

ALTER TABLE alerts ADD COLUMN changed_at DateTime('UTC');

ALTER TABLE alerts ADD COLUMN changed_at_ms UInt16;

CREATE TABLE IF NOT EXISTS alert_notes (
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
) ENGINE = ReplacingMergeTree(ver)
PARTITION BY toYYYYMM(noted_at) ORDER BY (noted_at, site, alert, note)
SETTINGS index_granularity = 8192;

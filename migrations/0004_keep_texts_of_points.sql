-- Points that are no numbers: texts, vectors as JSON arrays, and the digits of integers that a double does not hold.

ALTER TABLE metric_chunk
  ADD COLUMN texts text[],               -- NULL: no point of the chunk has one; '' where a point has none
  ADD CHECK (texts IS NULL OR cardinality(texts) = cardinality("values"));

COMMENT ON COLUMN metric_chunk.texts IS
  'texts, vectors as JSON arrays, and the digits of integers that "values" holds rounded';
COMMENT ON COLUMN metric_chunk.statuses IS '0 ok, 1 null, 2 not finite, 3 too large';

-- What else than a calendar makes stored points wrong: how the rows are folded into bars ('dataset'), and another
-- version of a metric that is read, directly or through others ('upstream').
ALTER TABLE dirty_ranges DROP CONSTRAINT dirty_ranges_cause_check;
ALTER TABLE dirty_ranges ADD CONSTRAINT dirty_ranges_cause_check CHECK (cause IN ('calendar', 'dataset', 'upstream'));

-- A point that is no number has its text instead of a value; an integer that a double does not hold has both.
CREATE OR REPLACE VIEW metrics_trend_point AS
SELECT p.name AS project, s.metric_id, s.version, s.grain, s.entity, s.dimensions, u.bucket_start,
       CASE WHEN coalesce(u.status, 0) = 0 AND (coalesce(u.text, '') = '' OR u.value <> 0) THEN u.value END AS value,
       coalesce(u.status, 0) AS status, nullif(u.text, '') AS text
  FROM metric_chunk c
  JOIN metric_series s USING (project_id, series_id)
  JOIN projects p USING (project_id)
 CROSS JOIN LATERAL unnest(c.bucket_starts, c."values", c.statuses, c.texts) AS u (bucket_start, value, status, text);

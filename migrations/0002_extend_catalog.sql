-- The catalogue: the whole definition in columns, versions that wait to be promoted, soft deletion, requests
-- that are done once, and the revision by which replicas keep their memory coherent.

-- Grows by one with every change of the project's definitions, under the lock that serialises them.
ALTER TABLE projects ADD COLUMN catalog_revision bigint NOT NULL DEFAULT 0;

-- Text arrays out of a definition, for generated columns.
CREATE FUNCTION jsonb_texts(list jsonb) RETURNS text[]
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN ARRAY(SELECT jsonb_array_elements_text(coalesce(list, '[]')));

-- definition is what readers are served: the active version with its words. latest_definition is the newest
-- version with its words; the two differ only while that waits to be promoted. The columns are for people and
-- tools that read SQL; the services read the two documents.
ALTER TABLE metric_definitions
  ADD COLUMN latest_definition jsonb,
  ADD COLUMN revision bigint NOT NULL DEFAULT 0,  -- of the project, when the metric last changed
  ADD COLUMN deleted_at timestamptz,
  ADD COLUMN display_name text GENERATED ALWAYS AS (coalesce(definition ->> 'display_name', '')) STORED,
  ADD COLUMN description text GENERATED ALWAYS AS (coalesce(definition ->> 'description', '')) STORED,
  ADD COLUMN type text GENERATED ALWAYS AS (definition ->> 'type') STORED,
  ADD COLUMN unit text GENERATED ALWAYS AS (coalesce(definition ->> 'unit', '')) STORED,
  ADD COLUMN grain text GENERATED ALWAYS AS (definition ->> 'grain') STORED,
  ADD COLUMN table_name text GENERATED ALWAYS AS (coalesce(definition ->> 'dataset', '')) STORED,
  ADD COLUMN tables text[] GENERATED ALWAYS AS (jsonb_texts(definition -> 'tables')) STORED,
  ADD COLUMN expression text GENERATED ALWAYS AS (coalesce(definition ->> 'expression', '')) STORED,
  ADD COLUMN time_column text GENERATED ALWAYS AS (coalesce(definition ->> 'time_column', '')) STORED,
  ADD COLUMN dimensions text[] GENERATED ALWAYS AS (jsonb_texts(definition -> 'dimensions')) STORED,
  ADD COLUMN filters text[] GENERATED ALWAYS AS (jsonb_texts(definition -> 'filters')) STORED,
  ADD COLUMN depends_on text[] GENERATED ALWAYS AS (jsonb_texts(definition -> 'depends_on')) STORED,
  ADD COLUMN synonyms text[] GENERATED ALWAYS AS (jsonb_texts(definition -> 'synonyms')) STORED,
  ADD COLUMN notes text GENERATED ALWAYS AS (coalesce(definition ->> 'notes', '')) STORED,
  ADD COLUMN sql text GENERATED ALWAYS AS (coalesce(definition ->> 'sql', '')) STORED,
  ADD COLUMN sql_variants jsonb GENERATED ALWAYS AS (coalesce(definition -> 'sql_variants', '{}')) STORED,
  ADD COLUMN validation text GENERATED ALWAYS AS (coalesce(definition ->> 'validation', '')) STORED,
  ADD COLUMN source text GENERATED ALWAYS AS (coalesce(definition ->> 'source', '')) STORED,
  ADD COLUMN owner text GENERATED ALWAYS AS (coalesce(definition ->> 'owner', '')) STORED,
  ADD COLUMN tags text[] GENERATED ALWAYS AS (jsonb_texts(definition -> 'tags')) STORED;
UPDATE metric_definitions SET latest_definition = definition;
ALTER TABLE metric_definitions ALTER COLUMN latest_definition SET NOT NULL;
-- What changed since a replica last looked.
CREATE INDEX metric_definitions_revision ON metric_definitions (project_id, revision);

-- A version never changes: words that change later are kept in metric_definitions.
CREATE FUNCTION refuse_version_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'versions of metrics are immutable: %/% version %', OLD.project_id, OLD.metric_id, OLD.version;
END $$;
CREATE TRIGGER metric_versions_immutable BEFORE UPDATE OR DELETE ON metric_versions
  FOR EACH ROW EXECUTE FUNCTION refuse_version_change();

ALTER TABLE column_metadata
  ADD CONSTRAINT column_metadata_confidence CHECK (confidence BETWEEN 0 AND 1);

-- Writes that a client named: done once. The answer is read from the metric, or kept where it says more.
CREATE TABLE catalog_requests (
  project_id      integer NOT NULL REFERENCES projects,
  request_id      text NOT NULL,
  method          text NOT NULL,
  request_sha256  bytea NOT NULL,
  answer          jsonb NOT NULL,
  created_at      timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (project_id, request_id)
);
CREATE INDEX catalog_requests_age ON catalog_requests (created_at);

-- Which rows a chunk was made of: how many transactions were over in the snapshot that its shard read. A chunk
-- is never replaced by points of an older snapshot. NULL: written before this was kept.
ALTER TABLE metric_chunk ADD COLUMN read_watermark bigint;

"""Kill a service at any moment of a backfill: after its restart the stored results equal those of an undisturbed run."""

import os
import random
import tempfile
import time
import unittest

import stack

SEED = int(os.environ.get("METRICSTORE_SEED", "20240102"))


class Crash(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        print(f"seed {SEED}")
        cls.random = random.Random(SEED)
        cls.stack = stack.Stack().__enter__()
        cls.stack.ctl("import", stack.ROOT / "packs/market")
        with tempfile.TemporaryDirectory() as folder:
            symbols = [f"S{number:02}" for number in range(24)]
            cls.stack.ctl("ingest", "fact_bars", stack.generated_bars(folder, 60, symbols))
        cls.backfill = ("backfill", "--metrics", "*_us", "--metrics", "rth_*", "--from", "2023-01-01", "--to", "2023-04-30", "-o", "json")
        cls.stack.ctl(*cls.backfill)
        cls.undisturbed = cls.stack.results_md5()
        cls.points = int(cls.stack.psql("SELECT count(*) FROM metrics_trend_point"))

    @classmethod
    def tearDownClass(cls):
        cls.stack.__exit__()

    def run_with_kills(self, victims):
        """A backfill from nothing during which each victim is killed while it works on shards.

        A lock on the chunks keeps the job from ending before the kills: shards are leased, read, evaluated and sent, and
        wait in their commit.
        """
        self.stack.psql("TRUNCATE metric_chunk, metric_series")
        self.assertEqual(self.stack.psql("SELECT count(*) FROM metrics_trend_point"), "0")
        running = None
        try:
            with self.stack.table_locked("metric_chunk"):
                running = self.stack.ctl_in_background(*self.backfill)
                for victim in victims:
                    self.wait_for_progress(running)
                    time.sleep(self.random.uniform(0.0, 0.4))  # any moment will do: the outcome must not depend on it
                    self.stack.kill(victim)
                    self.assertEqual(self.stack.psql("SELECT state FROM backfills ORDER BY backfill_id DESC LIMIT 1"), "running",
                                     "the backfill ended before the kill, which then proves nothing")
                    self.stack.up()
            output, errors = running.communicate(timeout=300)
        finally:
            if running:
                running.kill()
        self.assertEqual(running.returncode, 0, errors)
        return output

    def wait_for_progress(self, running):
        """Until some shard is leased or done; the backfill must still be running, or the kill proves nothing."""
        for _ in range(200):
            if self.stack.psql("SELECT count(*) FROM backfill_shards s JOIN backfills b USING (backfill_id) "
                               "WHERE b.state = 'running' AND s.state IN ('leased', 'done')") != "0":
                return
            self.assertIsNone(running.poll(), "the backfill ended before the kill; make it larger")
        self.fail("no shard was ever leased")

    def check(self):
        """Something was done twice because of the kill, and the stored results do not show it."""
        repeated = self.stack.psql("SELECT count(*) FROM backfill_shards WHERE fence > 1 AND backfill_id = (SELECT max(backfill_id) FROM backfills)")
        print(f"shards leased more than once: {repeated}")
        self.assertEqual(int(self.stack.psql("SELECT count(*) FROM metrics_trend_point")), self.points)
        self.assertEqual(self.stack.results_md5(), self.undisturbed)

    def test_the_undisturbed_run_computed_something(self):
        self.assertGreater(self.points, 10_000)

    def test_compute_killed(self):
        self.run_with_kills(["compute"])
        self.check()

    def test_registry_killed(self):
        self.run_with_kills(["registry"])
        self.check()

    def test_both_killed(self):
        self.run_with_kills(["registry", "compute"])
        self.check()


if __name__ == "__main__":
    stack.main()

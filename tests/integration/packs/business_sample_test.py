"""The business pack's sample is what its generator writes, for every dataset of the pack."""

import csv
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(os.environ.get("METRICSTORE_SOURCE_DIR", pathlib.Path(__file__).parents[3]))
BUSINESS = ROOT / "packs" / "business"


def rows(name):
    with (BUSINESS / "sample" / f"{name}.csv").open(newline="") as file:
        return list(csv.DictReader(file))


class BusinessSampleTest(unittest.TestCase):
    def test_sample_is_what_the_generator_writes(self):
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run([sys.executable, str(BUSINESS / "generate_sample.py"), "--out", folder], check=True)
            written = {path.name: path.read_bytes() for path in pathlib.Path(folder).iterdir()}
        self.assertEqual(written, {path.name: path.read_bytes() for path in (BUSINESS / "sample").iterdir()})

    def test_every_dataset_has_rows(self):
        datasets = {path.stem for path in (BUSINESS / "datasets").glob("*.yaml")}
        self.assertEqual({path.stem for path in (BUSINESS / "sample").glob("*.csv")}, datasets)
        for name in datasets:
            self.assertGreater(len(rows(name)), 20, name)

    def test_subscriptions_go_on_from_where_they_were(self):
        last = {}
        for row in rows("fact_subscription_months"):
            expected = last.get(row["subscription_id"], "0")
            self.assertEqual(row["previous_mrr_usd"], expected, row)
            last[row["subscription_id"]] = row["mrr_usd"]


if __name__ == "__main__":
    unittest.main()

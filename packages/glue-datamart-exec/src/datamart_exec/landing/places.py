"""Where an application's data lies: its folders in the landing bucket and the final bucket, and its catalog names."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Places:
    """Buckets and folders of one application in one environment."""

    app: str
    env: str
    landing_bucket: str
    final_bucket: str

    @property
    def landing_prefix(self) -> str:
        """The folder that holds a folder of objects for each source table."""
        return f"{self.app}/dbo/"

    def schema_files(self) -> tuple[tuple[str, str], ...]:
        """Bucket and key of the target schema, in the order in which they are tried."""
        name = f"{self.app}_target_schema.json"
        return (
            (self.final_bucket, f"{self.app}/_configs/{name}"),
            (self.landing_bucket, f"{self.app}/etl-jobs/{name}"),
        )

    def earlier_state_files(self) -> tuple[str, ...]:
        """Keys in the landing bucket under which the pipeline before this one noted what it had taken."""
        return tuple(f"{self.app}/etl-jobs/{name}" for name in ("job_id.json", "downloaded_files.json"))

    def catalog_name(self, table: str) -> tuple[str, str]:
        """Database and table of the final zone in the catalog."""
        return f"fsa-{self.env}-{self.app}", table

    def final_location(self, table: str) -> str:
        """The folder of a table's data and metadata."""
        return f"s3://{self.final_bucket}/{self.app}/{table}"

    def export_key(self, table: str) -> str:
        """The object that holds a table's current rows for readers that know no Iceberg."""
        return f"{self.app}/_export/{table}/{table}.parquet"

    def change_prefix(self, table: str) -> str:
        """The key prefix of a table's change zone, with the slash."""
        return f"{self.app}/_cdc/{table}/"

    def rejects_prefix(self, table: str) -> str:
        """The key prefix of the rows of a table that were left out, with the slash."""
        return f"{self.app}/_rejects/{table}/"

    def quality_prefix(self, table: str) -> str:
        """The key prefix of the quality of a table's rows, with the slash."""
        return f"{self.app}/_quality/{table}/"

    def final_uri(self, key: str) -> str:
        """An object of the final bucket as DuckDB names it."""
        return f"s3://{self.final_bucket}/{key}"

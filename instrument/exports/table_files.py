"""Tables as files: CSV that any program reads, and Parquet that keeps types, units and help."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from instrument.exports.columns import TABLES
from instrument.exports.draft import Drafts
from instrument.signals.refused import writing


class TableFiles:
    """A file for each table that has rows: ``a.csv`` holds the streams, ``a.gestures.csv`` the hands."""

    def __init__(
        self, path: Path, drafts: Drafts, open_file: Callable[[Path, pa.Schema], Any]
    ) -> None:
        self._path, self._drafts, self._open = path, drafts, open_file
        self._files: dict[str, Any] = {}

    def write(self, table: str, batch: pa.RecordBatch) -> None:
        """Rows of a table. Raises `Mistake` where its file cannot be written."""
        path = path_of(self._path, table)
        with writing(path):
            if table not in self._files:
                self._files[table] = self._open(self._drafts.file(path), batch.schema)
            self._files[table].write_batch(batch)

    def close(self) -> None:
        """All rows are there."""
        for table, file in self._files.items():
            with writing(path_of(self._path, table)):
                file.close()


def path_of(path: Path, table: str) -> Path:
    """The file of a table beside that of the streams."""
    return path if table == "streams" else path.with_name(f"{path.stem}.{table}{path.suffix}")


def paths(path: Path) -> list[Path]:
    """Every file that an export to `path` may write."""
    return [path_of(path, table) for table in ("streams", *TABLES)]


def csv_file(path: Path, schema: pa.Schema) -> pa_csv.CSVWriter:
    """A CSV file with a head line; numbers have as many digits as bring them back exactly."""
    return pa_csv.CSVWriter(path, schema)


def parquet_file(path: Path, schema: pa.Schema) -> pq.ParquetWriter:
    """A Parquet file, packed with zstd; units, help and formulas are in the metadata of its fields."""
    words = [field.name for field in schema if field.type == pa.string()]
    return pq.ParquetWriter(path, schema, compression="zstd", use_dictionary=words)

"""Write a software bill of materials for each lock of the service and of training: `make sbom`."""

from __future__ import annotations

from tests.locks.bill_of_materials import BILLS, text

for bill, lock in BILLS.items():
    bill.write_text(text(lock))

"""What another service exports of a user is in the user's export, whatever it is (invariant 13)."""

import json

from library.api.bulk_schemas import Export, Import
from tools.contracts.paths import ROOT


def test_every_part_of_rooms_export_is_a_part_of_the_export() -> None:
    newest = max((ROOT / "contracts/functions/rooms/ExportUser").glob("*.response.json"))
    schema = json.loads(newest.read_text(encoding="utf-8"))
    parts = schema["$defs"]["ExportedUserData"]["properties"].keys() - {"next"}

    assert parts >= {"rooms", "matches", "crews", "invitations"}
    assert parts <= Export.model_fields.keys()
    assert parts <= Import.model_fields.keys(), "whoever imports an export is refused"

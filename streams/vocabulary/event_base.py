"""What every event says. In: nothing. Out: `EventBase`.

May not know: any kind of event.
"""

from msgspec import Struct

from streams.vocabulary.ids import Millis, SiteId, SourceId
from streams.vocabulary.states import Witness


class EventBase(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", gc=False, omit_defaults=True
):
    at: Millis
    site: SiteId
    source: SourceId
    seq: int
    witness: Witness = Witness.WIRE

    @property
    def id(self) -> str:
        return f"{self.site}/{self.source}/{self.seq}"

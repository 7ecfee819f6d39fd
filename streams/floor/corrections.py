from streams.floor.state import Writing
from streams.vocabulary.events import ContactCorrected


def corrected(event: ContactCorrected, writing: Writing) -> None:
    writing.anomaly_of_contact(event.contact, event.leg)

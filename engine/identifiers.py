"""Column names that suggest identifying data, so that a person is warned before such a file is passed on.

Only names of columns are looked at, never their values.
"""

from __future__ import annotations

import re

_WORD_BREAK = re.compile(r"[^0-9a-zà-öø-ÿ]+")
_CAMEL_CASE = re.compile(r"(?<=[a-zà-öø-ÿ])(?=[A-ZÀ-ÖØ-Þ])")

_PHRASES: dict[str, tuple[str, ...]] = {
    "a name": (
        "name", "names", "full name", "first name", "last name", "family name", "given name", "middle name", "maiden name",
        "patient name", "surname", "forename", "firstname", "lastname", "fullname", "initials", "vorname", "nachname", "prénom", "apellido",
        "apellidos", "nombre", "patientenname",
    ),
    "a record number": (
        "mrn", "medical record", "medical record number", "record number", "record no", "hospital number", "hospital no", "hospital id",
        "patient id", "patient no", "patient number", "patientid", "pid", "case number", "nhs number", "nhs no", "ssn",
        "social security", "insurance number", "insurance id", "medicare number", "medicare id", "mbi", "national id", "passport",
        "accession", "accession number", "fallnummer", "patientennummer", "versichertennummer",
    ),
    "a date of birth": (
        "dob", "birth", "birthdate", "birthday", "birth date", "date of birth", "geburtsdatum", "geburtstag", "date de naissance",
        "fecha de nacimiento",
    ),
    "a telephone number": ("phone", "telephone", "tel", "mobile", "cell phone", "fax", "telefon", "handy", "teléfono", "téléphone"),
    "an e-mail address": ("email", "e mail", "mail"),
    "an address": (
        "address", "street", "postcode", "post code", "postal code", "zip", "zipcode", "zip code", "adresse", "straße", "strasse", "plz",
        "dirección",
    ),
    "free text": (
        "free text", "freetext", "comment", "comments", "note", "notes", "remark", "remarks", "narrative", "anamnese", "bemerkung",
        "bemerkungen", "kommentar", "letter", "report text",
    ),
}  # fmt: skip
# Words that make a 'name' the name of a thing.
_NAMES_OF_THINGS = ("drug", "medication", "device", "product", "variable", "column", "site", "study", "trial", "file")


def identifier_kind(column_name: str) -> str | None:
    """What the column seems to hold ('a date of birth'), or None."""
    words = f" {_WORD_BREAK.sub(' ', _CAMEL_CASE.sub(' ', column_name).lower()).strip()} "
    for kind, phrases in _PHRASES.items():
        if any(f" {phrase} " in words for phrase in phrases):
            if kind == "a name" and any(f" {thing} name" in words for thing in _NAMES_OF_THINGS):
                continue
            return kind
    return None

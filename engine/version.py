"""The version of the engine; it stands in every assessment and every file that is written."""

ENGINE_VERSION = "0.1.0"
